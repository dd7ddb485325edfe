// label_values.hpp: a row's label values as the key of a series.
//
//   label_values const values{texts.data(), texts.size()};
//   series* const found = all.find(hash_of(values), [&](series& each) { … });
//
// Threads: values without shared state.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>

#include "core/label_hash.hpp"
#include "core/memory.hpp"

namespace stele::core {

/// Values, one a label, in table order. Refers to the caller's array.
struct label_values {
  std::string_view const* values;
  std::size_t count;
};

/// Well mixed, in the low bits too.
inline std::uint64_t hash_of(label_values of) noexcept {
  text_hash hash;
  for (std::size_t i = 0; i < of.count; ++i) hash.add(of.values[i]);
  return hash.value();
}

/// The same values in memory that somebody else provides: of each its first word and its size, then
/// the text.
class stored_values {
 public:
  static std::size_t bytes(label_values of) noexcept {
    std::size_t total = of.count * bytes_a_label;
    for (std::size_t i = 0; i < of.count; ++i) total += of.values[i].size();
    return total;
  }
  static void store(label_values from, std::byte* at) noexcept {
    char* text = reinterpret_cast<char*>(at) + from.count * bytes_a_label;
    for (std::size_t i = 0; i < from.count; ++i) {
      std::string_view const each = from.values[i];
      std::uint64_t const word = first_word(each.data(), each.size());
      auto const size = static_cast<std::uint32_t>(each.size());
      std::memcpy(at + i * sizeof word, &word, sizeof word);
      std::memcpy(at + from.count * sizeof word + i * sizeof size, &size, sizeof size);
      text += each.copy(text, size);
    }
  }

  explicit stored_values(std::byte const* at) noexcept : at_(reinterpret_cast<char const*>(at)) {}

  [[nodiscard]] bool equal(label_values other) const noexcept {
    char const* text = text_of(other.count);
    for (std::size_t i = 0; i < other.count; ++i) {
      std::string_view const each = other.values[i];
      if (!equal_value(i, other.count, each, first_word(each.data(), each.size()), text))
        return false;
    }
    return true;
  }

  /// The same where the values' first words are known. Unrolled.
  template <std::size_t Count>
  [[nodiscard, gnu::always_inline]] bool equal(
      std::array<std::string_view, Count> const& values,
      std::array<std::uint64_t, Count> const& words) const noexcept {
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
      char const* text = text_of(Count);
      return (equal_value(I, Count, values[I], words[I], text) && ...);
    }(std::make_index_sequence<Count>());
  }

  [[nodiscard]] std::size_t bytes(std::size_t count) const noexcept {
    std::size_t total = count * bytes_a_label;
    for (std::size_t i = 0; i < count; ++i) total += size_of(i, count);
    return total;
  }

  /// As hash_of() of the values.
  [[nodiscard]] std::uint64_t hash(std::size_t count) const noexcept {
    text_hash result;
    char const* text = text_of(count);
    for (std::size_t i = 0; i < count; ++i) {
      std::size_t const size = size_of(i, count);
      result.add({text, size});
      text += size;
    }
    return result.value();
  }

  /// values[0 … count], which refer to the memory.
  void read(std::string_view* values, std::size_t count) const noexcept {
    char const* text = text_of(count);
    for (std::size_t i = 0; i < count; ++i) {
      values[i] = {text, size_of(i, count)};
      text += values[i].size();
    }
  }

 private:
  static constexpr std::size_t bytes_a_label = sizeof(std::uint64_t) + sizeof(std::uint32_t);

  [[nodiscard]] char const* text_of(std::size_t count) const noexcept {
    return at_ + count * bytes_a_label;
  }
  [[nodiscard]] std::size_t size_of(std::size_t i, std::size_t count) const noexcept {
    return load<std::uint32_t>(at_ + count * sizeof(std::uint64_t) + i * sizeof(std::uint32_t));
  }
  /// `text` goes on to the next value.
  [[nodiscard, gnu::always_inline]] bool equal_value(std::size_t i, std::size_t count,
                                                     std::string_view value, std::uint64_t word,
                                                     char const*& text) const noexcept {
    if (size_of(i, count) != value.size()) return false;
    if (load<std::uint64_t>(at_ + i * sizeof word) != word) return false;
    char const* const own = text;
    text += value.size();
    return equal_further(own, value.data(), value.size());
  }

  char const* at_;
};

/// A copy of values as text that may be exposed.
class valid_values {
 public:
  explicit valid_values(label_values from);
  valid_values(valid_values&&) = default;

  [[nodiscard]] label_values get() const noexcept { return {views_.data(), views_.size()}; }
  /// Puts another text in a value's place; the text must outlive this.
  void replace(std::size_t label, std::string_view text) noexcept { views_[label] = text; }

 private:
  vector<string> texts_;
  vector<std::string_view> views_;
};

}  // namespace stele::core
