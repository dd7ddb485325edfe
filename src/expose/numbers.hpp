// numbers.hpp: numbers as the text formats show them. No locale, no stream, no allocation.
//
//   char digits[number_chars_max];
//   out.append(digits, write_double(digits, 1e6));   // 1e+06
//
// Threads: pure functions.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace stele::exposition {

/// Room for the longest number: 24 characters of a double, `.0`, or 20 of an integer.
inline constexpr std::size_t number_chars_max = 32;

/// Each writes to `out`, which has room for number_chars_max, and returns the end.
char* write_unsigned(char* out, std::uint64_t value) noexcept;
char* write_signed(char* out, std::int64_t value) noexcept;

/// Go's shortest form ('g' with precision -1): `1e+06`, `0.1`, `NaN`, `+Inf`; -0 is `0`.
char* write_double(char* out, double value) noexcept;

/// OpenMetrics' canonical float, for `le` and `quantile`: as write_double, with `.0` added where
/// there is neither a point nor an exponent.
char* write_canonical(char* out, double value) noexcept;

}  // namespace stele::exposition
