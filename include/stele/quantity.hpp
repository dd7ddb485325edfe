// quantity.hpp: what a caller may pass as a value, and how it becomes a number in the row's unit.
//
//   to_number<Row>(5ms)   0.005 on a row in seconds, 5 on one in milliseconds; does not compile on
//                         a row in bytes
//
// Threads: pure functions.

#pragma once

#include <chrono>
#include <cstdint>
#include <ratio>
#include <type_traits>

#include "descriptor.hpp"

namespace stele {

/// Carries the row and the offending type into the compiler's message.
template <class Row, class Value>
struct value_for {
  static constexpr bool accepted = false;
};

namespace detail {

template <class T>
inline constexpr bool is_duration = false;
template <class Rep, class Period>
inline constexpr bool is_duration<std::chrono::duration<Rep, Period>> = true;

template <class T>
inline constexpr bool is_time_point = false;
template <class Duration>
inline constexpr bool is_time_point<std::chrono::time_point<std::chrono::system_clock, Duration>> =
    true;

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

template <unit Unit>
struct period_of {
  using type = void;
};
template <>
struct period_of<unit::seconds> {
  using type = std::ratio<1>;
};
template <>
struct period_of<unit::milliseconds> {
  using type = std::milli;
};
template <>
struct period_of<unit::microseconds> {
  using type = std::micro;
};
template <>
struct period_of<unit::nanoseconds> {
  using type = std::nano;
};
template <>
struct period_of<unit::minutes> {
  using type = std::ratio<60>;
};
template <>
struct period_of<unit::hours> {
  using type = std::ratio<3600>;
};
template <>
struct period_of<unit::days> {
  using type = std::ratio<86400>;
};

}  // namespace detail

/// Whether values of this unit can be given as a std::chrono::duration.
template <unit Unit>
inline constexpr bool is_time_unit = !std::is_void_v<typename detail::period_of<Unit>::type>;

/// A caller's value in the row's unit: an arithmetic value as it is (a bool and a character are
/// not values), a duration converted, a system_clock time point as seconds since 1970.
template <class Row, class Value>
constexpr auto to_number(Value value) noexcept {
  constexpr unit u = Row::about.unit;
  if constexpr (detail::is_duration<Value>) {
    static_assert(is_time_unit<u> || value_for<Row, Value>::accepted,
                  "a duration requires a row whose unit is a time (seconds, milliseconds, "
                  "nanoseconds, …); this row has another unit: pass a plain number in that unit");
    if constexpr (is_time_unit<u>)
      return std::chrono::duration<double, typename detail::period_of<u>::type>(value).count();
    else
      return 0;
  } else if constexpr (detail::is_time_point<Value>) {
    static_assert(u == unit::unix_seconds || value_for<Row, Value>::accepted,
                  "a time_point requires a row whose unit is unix (seconds since 1970); this row "
                  "has another unit: pass a number in that unit");
    return std::chrono::duration<double>(value.time_since_epoch()).count();
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

/// A duration in whole nanoseconds.
template <class Duration>
constexpr std::int64_t to_nanoseconds(Duration value) noexcept {
  static_assert(detail::is_duration<Duration>, "a std::chrono::duration is required");
  return static_cast<std::int64_t>(static_cast<long double>(value.count()) *
                                   (1e9L * Duration::period::num / Duration::period::den));
}

}  // namespace stele
