// quantity.hpp: what a caller may pass as a value, and how it becomes a number in the row's unit.
//
//   to_number<Row>(5ms)   0.005 on a row in seconds, 5 on one in milliseconds; does not compile on
//                         a row in bytes
//
// Threads: pure functions.

#pragma once

#include <cstdint>
#include <limits>
#include <type_traits>

#include "clock.hpp"
#include "descriptor.hpp"

namespace stele {

/// Carries the row and the offending type into the compiler's message.
template <class Row, class Value>
struct value_for {
  static constexpr bool accepted = false;
};

namespace detail {

template <class T>
inline constexpr bool is_number = std::is_arithmetic_v<T>;
template <>
inline constexpr bool is_number<bool> = false;
template <>
inline constexpr bool is_number<char> = false;
template <>
inline constexpr bool is_number<wchar_t> = false;
template <>
inline constexpr bool is_number<char8_t> = false;
template <>
inline constexpr bool is_number<char16_t> = false;
template <>
inline constexpr bool is_number<char32_t> = false;

/// How long a unit of time is, as a fraction of a second; 0/1 for what is no unit of time.
struct fraction {
  std::int64_t num;
  std::int64_t den;
};

constexpr fraction seconds_of(unit which) noexcept {
  switch (which) {
    case unit::seconds: return {1, 1};
    case unit::milliseconds: return {1, 1'000};
    case unit::microseconds: return {1, 1'000'000};
    case unit::nanoseconds: return {1, 1'000'000'000};
    case unit::minutes: return {60, 1};
    case unit::hours: return {3'600, 1};
    case unit::days: return {86'400, 1};
    default: return {0, 1};
  }
}

constexpr std::int64_t common_divisor(std::int64_t a, std::int64_t b) noexcept {
  while (b != 0) {  // Euclid's: at most 92 steps
    std::int64_t const rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

/// A duration in another unit of time, rounded as std::chrono rounds: the factor is reduced before
/// it is applied, so that 5 ms are 5 / 1000 s and not 5 * 0.001 s.
template <fraction Unit, class Duration>
constexpr double in_unit(Duration const& value) noexcept {
  constexpr fraction from{Duration::period::num, Duration::period::den};
  constexpr std::int64_t nums = common_divisor(from.num, Unit.num);
  constexpr std::int64_t dens = common_divisor(from.den, Unit.den);
  constexpr double num =
      static_cast<double>(from.num / nums) * static_cast<double>(Unit.den / dens);
  constexpr double den =
      static_cast<double>(from.den / dens) * static_cast<double>(Unit.num / nums);
  return static_cast<double>(value.count()) * num / den;
}

}  // namespace detail

/// Whether values of this unit can be given as a duration.
template <unit Unit>
inline constexpr bool is_time_unit = detail::seconds_of(Unit).num != 0;

/// A caller's value in the row's unit: an arithmetic value as it is (a bool and a character are
/// not values), a duration converted, a system_clock time point as seconds since 1970.
template <class Row, class Value>
constexpr auto to_number(Value value) noexcept {
  constexpr unit u = Row::about.unit;
  if constexpr (duration<Value>) {
    static_assert(is_time_unit<u> || value_for<Row, Value>::accepted,
                  "a duration requires a row whose unit is a time (seconds, milliseconds, "
                  "nanoseconds, …); this row has another unit: pass a plain number in that unit");
    if constexpr (is_time_unit<u>)
      return detail::in_unit<detail::seconds_of(u)>(value);
    else
      return 0;
  } else if constexpr (system_time<Value>) {
    static_assert(u == unit::unix_seconds || value_for<Row, Value>::accepted,
                  "a time_point requires a row whose unit is unix (seconds since 1970); this row "
                  "has another unit: pass a number in that unit");
    return detail::in_unit<detail::seconds_of(unit::seconds)>(value.time_since_epoch());
  } else {
    static_assert(
        detail::is_number<Value> || value_for<Row, Value>::accepted,
        "a value requires a number, a std::chrono::duration, or, on a row in unix seconds, "
        "a std::chrono::system_clock::time_point; pass one of these");
    if constexpr (std::is_arithmetic_v<Value>)
      return value;
    else
      return 0;
  }
}

/// The same for counters and gauges whose cells hold integers: a fraction does not compile.
template <class Row, class Value>
constexpr auto to_cell_number(Value value) noexcept {
  auto const number = to_number<Row>(value);
  static_assert(
      !Row::about.integral() || !std::is_floating_point_v<decltype(number)> ||
          value_for<Row, Value>::accepted,
      "a fraction requires a row that is not a count; counts and bytes are whole numbers: "
      "pass an integer, or, if the row is no count, state its Unit in the table");
  return number;
}

/// A duration in whole nanoseconds; what 64 bits cannot hold is the nearest they can, NaN is 0.
template <class Duration>
constexpr std::int64_t to_nanoseconds(Duration value) noexcept {
  static_assert(duration<Duration>, "a std::chrono::duration is required");
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  long double const exact = static_cast<long double>(value.count()) *
                            (1e9L * Duration::period::num / Duration::period::den);
  if (exact >= static_cast<long double>(most)) return most;
  if (exact <= -static_cast<long double>(most)) return -most;
  return exact == exact ? static_cast<std::int64_t>(exact) : 0;
}

}  // namespace stele
