// fixed_string.hpp: a string literal that can be a template argument.
//
// Threads: a value type without shared state.
//
//   template <stele::fixed_string Name> struct named { … };
//   named<"http_requests_total"> x;

#pragma once

#include <cstddef>
#include <string_view>

namespace stele {

/// A string of N characters, usable as a template argument. The characters are a public array
/// because a structural type may not have private members; compilers print it as a string.
template <std::size_t N>
struct fixed_string {
  char characters[N + 1]{};  // the last one is the terminating zero

  constexpr fixed_string() = default;
  constexpr fixed_string(char const (&literal)[N + 1]) noexcept {
    for (std::size_t i = 0; i < N; ++i) characters[i] = literal[i];
  }

  [[nodiscard]] constexpr std::string_view view() const noexcept { return {characters, N}; }
};

template <std::size_t N>
fixed_string(char const (&)[N]) -> fixed_string<N - 1>;

/// The fixed_string of a string_view whose size is known at compile time (`text.size() >= N`).
template <std::size_t N>
constexpr fixed_string<N> to_fixed_string(std::string_view text) noexcept {
  fixed_string<N> result;
  for (std::size_t i = 0; i < N; ++i) result.characters[i] = text[i];
  return result;
}

}  // namespace stele
