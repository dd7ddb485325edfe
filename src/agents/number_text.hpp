// number_text.hpp: numbers as Prometheus's text parser takes them (Go's strconv.ParseFloat, without
// what expfmt takes away from it again: hexadecimal numbers and underscores).
//
// Taken: `1`, `+1`, `-1.5`, `.5`, `5.`, `1e-3`, `inf`, `Infinity`, `NaN` in any case; a sign before
// infinity, not before NaN. What is closer to 0 than any double is 0; what is beyond the greatest
// one is refused, as there. Hexadecimal numbers and underscores are refused.
//
//   double value;
//   if (!read_number(at, end, value)) return expected_a_number(at);
//
// Threads: pure functions.

#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace stele::pushing {

/// All of a text.
bool number_of(std::string_view text, double& value) noexcept;

namespace detail {

inline constexpr double powers_of_ten[]{1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                        1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};

constexpr bool ends_number(char c) noexcept { return c == '\n' || c == ' ' || c == '\t'; }

bool read_any_number(char const*& at, char const* end, double& value) noexcept;

}  // namespace detail

/// What stands up to the next blank, tab or newline, or the end. Moves `at` behind it.
inline bool read_number(char const*& at, char const* end, double& value) noexcept {
  char const* p = at;
  bool const negative = p != end && *p == '-';
  if (negative) ++p;
  char const* const digits = p;
  std::uint64_t whole = 0;
  auto const take_digits = [&] {
    for (; p != end; ++p) {
      unsigned const digit = static_cast<unsigned char>(*p) - unsigned{'0'};
      if (digit > 9) break;
      whole = whole * 10 + digit;
    }
  };
  take_digits();
  auto size = p - digits;
  auto fraction = decltype(size){0};
  if (size != 0 && p != end && *p == '.') {
    char const* const point = p++;
    take_digits();
    fraction = p - point - 1;
    size += fraction;
  }
  // A quotient of two integers that doubles hold exactly is rounded once: it is the nearest double.
  // So is a single integer of up to 19 digits.
  if (size == 0 || size > (fraction == 0 ? 19 : 15) || (p != end && !detail::ends_number(*p)))
    return detail::read_any_number(at, end, value);
  double const magnitude = static_cast<double>(whole) / detail::powers_of_ten[fraction];
  value = negative ? -magnitude : magnitude;
  at = p;
  return true;
}

/// A number that is a count: an integer, not negative, that 64 bits hold.
std::optional<std::uint64_t> count_of(double value) noexcept;

/// Seconds since 1970-01-01T00:00:00Z as milliseconds; nothing where it is no such time.
std::optional<std::int64_t> milliseconds_of(double seconds) noexcept;

}  // namespace stele::pushing
