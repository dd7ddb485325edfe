// label_hash.hpp: label values hashed and compared, a word at a time: what finding a series costs.
//
//   text_hash hash;
//   hash.add("GET");
//   std::uint64_t const key = hash.value();
//
// Threads: pure functions, but for the seed, which is made once.

#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace stele::core {

/// Different from process to process, so that nobody can choose values that collide. 0 until the
/// first hash, which may be before any constructor.
extern std::atomic<std::uint64_t> process_seed;
[[gnu::cold]] std::uint64_t make_seed() noexcept;

__extension__ using product = unsigned __int128;

/// Both halves of the product: each bit of the result depends on each of either argument.
inline std::uint64_t fold(std::uint64_t a, std::uint64_t b) noexcept {
  product const full = product{a} * b;
  return static_cast<std::uint64_t>(full) ^ static_cast<std::uint64_t>(full >> 64);
}

template <class Word>
std::uint64_t load(char const* at) noexcept {
  Word word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

/// The first and the last eight bytes of a text, which overlap where it is short: with its size,
/// all there is to a text of up to 16 bytes.
struct text_ends {
  std::uint64_t first = 0;
  std::uint64_t last = 0;

  explicit text_ends(char const* at, std::size_t size) noexcept {
    if (size >= 8) {
      first = load<std::uint64_t>(at);
      last = load<std::uint64_t>(at + size - 8);
    } else if (size >= 4) {
      first = load<std::uint32_t>(at);
      last = load<std::uint32_t>(at + size - 4);
    } else if (size > 0) {
      first = load<std::uint8_t>(at) | (load<std::uint8_t>(at + size / 2) << 8);
      last = load<std::uint8_t>(at + size - 1);
    }
  }
  bool operator==(text_ends const&) const = default;
};

/// The hash of texts one after the other; the borders between them count.
class text_hash {
 public:
  text_hash() noexcept {
    secret_ = process_seed.load(std::memory_order_relaxed);
    if (secret_ == 0) [[unlikely]]
      secret_ = make_seed();
    state_ = ~secret_;
  }

  void add(std::string_view text) noexcept {
    text_ends const ends(text.data(), text.size());
    for (std::size_t i = 8; i + 8 < text.size(); i += 8)
      state_ = fold(state_ ^ load<std::uint64_t>(text.data() + i), secret_);
    state_ = fold(state_ ^ ends.first, ends.last ^ secret_ ^ text.size());
  }

  [[nodiscard]] std::uint64_t value() const noexcept { return state_; }

 private:
  std::uint64_t state_;
  std::uint64_t secret_;  // in every product, so that no text can make one 0
};

/// Whether `size` bytes are the same. As short as most label values are, they cost less than a call
/// to memcmp.
inline bool equal_bytes(char const* a, char const* b, std::size_t size) noexcept {
  if (text_ends(a, size) != text_ends(b, size)) return false;
  for (std::size_t i = 8; i + 8 < size; i += 8)
    if (load<std::uint64_t>(a + i) != load<std::uint64_t>(b + i)) return false;
  return true;
}

}  // namespace stele::core
