// label_hash.hpp: label values hashed and compared, a word at a time: what finding a series costs.
//
//   text_hash hash;
//   hash.add("GET");
//   std::uint64_t const key = hash.value();
//
// Threads: pure functions, but for the seed, which is made once.

#pragma once

#include <algorithm>
#include <atomic>
#include <bit>
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

/// A text's first eight bytes; of one that is shorter, all there is to it but its size, in as few
/// branches as may be: nothing foretells whether it is "GET" or "POST".
inline std::uint64_t first_word(char const* at, std::size_t size) noexcept {
  if (size >= 8) return load<std::uint64_t>(at);
  if (size < 2) [[unlikely]]
    return size == 0 ? 0 : load<std::uint8_t>(at);
  // Four pairs of bytes, which overlap.
  std::size_t const last = size - 2;
  return load<std::uint16_t>(at) | load<std::uint16_t>(at + std::min<std::size_t>(2, last)) << 16 |
         load<std::uint16_t>(at + std::min<std::size_t>(4, last)) << 32 |
         load<std::uint16_t>(at + last) << 48;
}

/// The hash of texts one after the other; the borders between them count.
class text_hash {
 public:
  text_hash() noexcept : text_hash(process_seed.load(std::memory_order_relaxed)) {
    if (secret_ == 0) [[unlikely]]
      *this = text_hash(make_seed());
  }
  explicit text_hash(std::uint64_t seed) noexcept : state_(std::rotl(seed, 32)), secret_(seed) {}

  /// Returns the text's first word.
  [[gnu::always_inline]] std::uint64_t add(std::string_view text) noexcept {
    std::uint64_t const first = first_word(text.data(), text.size());
    std::uint64_t last = text.size();
    if (text.size() >= 8) {
      last ^= load<std::uint64_t>(text.data() + text.size() - 8);
      for (std::size_t i = 8; i + 8 < text.size(); i += 8)
        state_ = fold(state_ ^ load<std::uint64_t>(text.data() + i), secret_);
    }
    state_ = fold(state_ ^ first, last ^ secret_);
    return first;
  }

  /// Where texts differ in their last bytes alone, and the seed has bad luck, a half of the state
  /// by itself is not spread well.
  [[nodiscard]] std::uint64_t value() const noexcept { return state_ ^ (state_ >> 32); }

 private:
  std::uint64_t state_;
  std::uint64_t secret_;  // in every product, so that no text can make one 0
};

/// Whether two texts of this size, whose first words are the same, are the same.
[[gnu::always_inline]] inline bool equal_further(char const* a, char const* b,
                                                 std::size_t size) noexcept {
  if (size < 8) return true;
  if (load<std::uint64_t>(a + size - 8) != load<std::uint64_t>(b + size - 8)) return false;
  for (std::size_t i = 8; i + 8 < size; i += 8)
    if (load<std::uint64_t>(a + i) != load<std::uint64_t>(b + i)) return false;
  return true;
}

}  // namespace stele::core
