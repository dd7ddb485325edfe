// label_values.hpp: a row's label values as the key of a series.
//
//   label_values const values{texts.data(), texts.size()};
//   series* const found = all.find(hash_of(values), [&](series& each) { … });
//
// Threads: values without shared state.

#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "core/label_hash.hpp"
#include "core/memory.hpp"

namespace stele::core {

/// Values, one a label, in table order. Refers to the caller's array.
struct label_values {
  std::string_view const* values;
  std::size_t count;

  [[nodiscard]] bool refused() const noexcept {
    for (std::size_t i = 0; i < count; ++i)
      if (values[i].data() == nullptr) return true;
    return false;
  }
};

/// Well mixed, in the low bits too.
inline std::uint64_t hash_of(label_values of) noexcept {
  text_hash hash;
  for (std::size_t i = 0; i < of.count; ++i) hash.add(of.values[i]);
  return hash.value();
}

/// The same values in memory that somebody else provides: a length each, then the text.
class stored_values {
 public:
  static std::size_t bytes(label_values of) noexcept {
    std::size_t total = of.count * sizeof(std::uint32_t);
    for (std::size_t i = 0; i < of.count; ++i) total += of.values[i].size();
    return total;
  }
  static void store(label_values from, std::byte* at) noexcept {
    std::byte* text = at + from.count * sizeof(std::uint32_t);
    for (std::size_t i = 0; i < from.count; ++i) {
      auto const size = static_cast<std::uint32_t>(from.values[i].size());
      std::memcpy(at + i * sizeof size, &size, sizeof size);
      std::memcpy(text, from.values[i].data(), size);
      text += size;
    }
  }

  explicit stored_values(std::byte const* at) noexcept : at_(at) {}

  [[nodiscard]] bool equal(label_values other) const noexcept {
    auto const* text = reinterpret_cast<char const*>(at_ + other.count * sizeof(std::uint32_t));
    for (std::size_t i = 0; i < other.count; ++i) {
      std::size_t const size = size_of(i);
      if (size != other.values[i].size() || !equal_bytes(text, other.values[i].data(), size))
        return false;
      text += size;
    }
    return true;
  }

  [[nodiscard]] std::size_t bytes(std::size_t count) const noexcept {
    std::size_t total = count * sizeof(std::uint32_t);
    for (std::size_t i = 0; i < count; ++i) total += size_of(i);
    return total;
  }

  /// values[0 … count], which refer to the memory.
  void read(std::string_view* values, std::size_t count) const noexcept {
    auto const* text = reinterpret_cast<char const*>(at_ + count * sizeof(std::uint32_t));
    for (std::size_t i = 0; i < count; ++i) {
      values[i] = {text, size_of(i)};
      text += size_of(i);
    }
  }

 private:
  [[nodiscard]] std::size_t size_of(std::size_t i) const noexcept {
    std::uint32_t size = 0;
    std::memcpy(&size, at_ + i * sizeof size, sizeof size);
    return size;
  }

  std::byte const* at_;
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
