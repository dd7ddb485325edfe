// snapshot_arena.hpp: texts and numbers that stay where they are until all of them go at once.
//
//   char const* const kept = arena.keep(std::span<char const>(labels));
//
// Threads: one. The memory of what was cleared is used again.

#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "core/label_page.hpp"
#include "core/memory.hpp"

namespace stele::core {

class snapshot_arena {
 public:
  /// A copy, valid until clear(), behind which label_texts::slack bytes may be read. Throws
  /// std::bad_alloc.
  template <class T>
  T const* keep(std::span<T const> items) {
    static_assert(std::is_trivially_copyable_v<T> && alignof(T) <= alignment);
    void* const at = take(items.size_bytes() + label_texts::slack);
    if (!items.empty()) std::memcpy(at, items.data(), items.size_bytes());
    return static_cast<T const*>(at);
  }

  void clear() noexcept {
    block_ = 0;
    used_ = 0;
  }

 private:
  static constexpr std::size_t block_bytes_min = 16 * 1024;
  static constexpr std::size_t alignment = sizeof(std::uint64_t);

  void* take(std::size_t bytes) {
    while (block_ < blocks_.size() && blocks_[block_].size() - used_ < bytes) next_block();
    if (block_ == blocks_.size()) {
      // A power of two, so that a text that grows from time to time leaves few blocks behind.
      blocks_.emplace_back(std::bit_ceil(std::max(bytes, block_bytes_min)));
    }
    std::byte* const at = blocks_[block_].data() + used_;
    // A block's size is a multiple of the alignment.
    used_ += (bytes + alignment - 1) / alignment * alignment;
    return at;
  }

  void next_block() noexcept {
    ++block_;
    used_ = 0;
  }

  using block = vector<std::byte, memory_part::snapshots>;

  vector<block, memory_part::snapshots> blocks_;
  std::size_t block_ = 0;  // the one at hand
  std::size_t used_ = 0;   // of it
};

}  // namespace stele::core
