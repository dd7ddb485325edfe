// chunk_buffer.hpp: what has been rendered and not yet been sent.
//
//   char* at = buffer.reserve(bytes_at_most);
//   at = copy_text(at, name);
//   buffer.commit(at);
//   if (buffer.has_chunk()) send(buffer.take());     // at most 64 KiB
//
// Threads: one.

#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <new>
#include <string_view>
#include <utility>

#include "core/label_page.hpp"
#include "core/memory.hpp"

namespace stele::exposition {

inline constexpr std::size_t chunk_bytes_max = 64 * 1024;

/// Copies a text in words of 32 bytes. REQUIRES: behind both the text and its copy
/// label_texts::slack bytes may be touched.
inline char* copy_text(char* to, std::string_view text) noexcept {
  static_assert(core::label_texts::slack == 32);
  char const* from = text.data();
  char* const end = to + text.size();
  // A fixed size, so that each step is a load and a store or two.
  for (; to < end; to += 32, from += 32) std::memcpy(to, from, 32);
  return end;
}

class chunk_buffer {
 public:
  chunk_buffer() noexcept = default;
  chunk_buffer(chunk_buffer const&) = delete;
  chunk_buffer& operator=(chunk_buffer const&) = delete;
  ~chunk_buffer() { core::release(part, memory_, capacity_); }

  /// Where to write up to so many bytes, behind which label_texts::slack bytes may be touched.
  /// Throws std::bad_alloc.
  char* reserve(std::size_t bytes) {
    if (capacity_ - size_ < bytes + core::label_texts::slack) [[unlikely]]
      grow(bytes + core::label_texts::slack);
    return memory_ + size_;
  }
  /// What was written ends here.
  void commit(char const* end) noexcept { size_ = static_cast<std::size_t>(end - memory_); }

  void append(std::string_view text) {
    char* const at = reserve(text.size());
    if (!text.empty()) std::memcpy(at, text.data(), text.size());
    commit(at + text.size());
  }

  [[nodiscard]] bool has_chunk() const noexcept { return size_ - begin_ >= chunk_bytes_max; }
  /// The first bytes, at most a chunk, until drop_taken().
  [[nodiscard]] std::string_view take() noexcept {
    taken_ = std::min(size_ - begin_, chunk_bytes_max);
    return {memory_ + begin_, taken_};
  }
  /// Lets go of what take() gave. What is left is moved when it is less than a chunk, so that a
  /// long line is moved once.
  void drop_taken() noexcept {
    begin_ += std::exchange(taken_, 0);
    if (has_chunk()) return;
    if (size_ != begin_) std::memmove(memory_, memory_ + begin_, size_ - begin_);
    size_ -= begin_;
    begin_ = 0;
  }
  void clear() noexcept { size_ = begin_ = taken_ = 0; }

  /// Gives memory back that only a long line needed. REQUIRES: nothing in it is needed any more.
  void shrink() noexcept {
    clear();
    if (capacity_ <= kept_max) return;
    core::release(part, memory_, capacity_);
    memory_ = nullptr;
    capacity_ = 0;
  }

 private:
  static constexpr core::memory_part part = core::memory_part::snapshots;
  /// A chunk, and the lines that end behind it.
  static constexpr std::size_t capacity_min = chunk_bytes_max + 8 * 1024;
  static constexpr std::size_t kept_max = 4 * chunk_bytes_max;

  void grow(std::size_t bytes) {
    std::size_t const wanted = std::max({capacity_min, 2 * capacity_, size_ + bytes});
    auto* const grown = static_cast<char*>(core::allocate(part, wanted));
    if (grown == nullptr) throw std::bad_alloc();
    if (size_ != 0) std::memcpy(grown, memory_, size_);
    core::release(part, memory_, capacity_);
    memory_ = grown;
    capacity_ = wanted;
  }

  char* memory_ = nullptr;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;  // what stands before it has been taken
  std::size_t size_ = 0;
  std::size_t taken_ = 0;
};

}  // namespace stele::exposition
