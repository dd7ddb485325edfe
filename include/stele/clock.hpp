// clock.hpp: time without <chrono>, which would cost every unit that includes a table 0.1 s.
//
// A duration is known by what it has: `rep`, `period::num`, `period::den` and count(). Those of
// std::chrono have it, and a type of a service's own may. A caller who writes std::chrono::… or
// 5ms includes <chrono> himself.
//
//   stele::whole_milliseconds limit = std::chrono::seconds(5);
//   static_assert(stele::duration<std::chrono::seconds>);
//
// Threads: values, and clocks that any thread may read.

#pragma once

#include <cstdint>
#include <type_traits>

#include "api.hpp"

namespace stele {

/// std::chrono's duration, or a type like it.
template <class T>
concept duration = requires(T const& value) {
  typename T::rep;
  T::period::num;
  T::period::den;
  static_cast<double>(value.count());
};

/// A point in time on std::chrono's system_clock, whose epoch is 1970-01-01T00:00:00Z.
template <class T>
concept system_time = requires(T const& value) {
  requires duration<decltype(value.time_since_epoch())>;
  &T::clock::to_time_t;
};

/// A time in whole parts of a second. It is made from every duration that it holds without loss, as
/// std::chrono's are: from seconds to milliseconds, not the other way round.
template <std::int64_t PerSecond>
class time_span {
 public:
  using rep = std::int64_t;
  struct period {
    static constexpr std::int64_t num = 1;
    static constexpr std::int64_t den = PerSecond;
  };

  constexpr explicit time_span(rep count) noexcept : count_(count) {}
  template <duration Other>
    requires(std::is_integral_v<typename Other::rep> &&
             Other::period::num * PerSecond % Other::period::den == 0)
  constexpr time_span(Other const& other) noexcept
      : count_(static_cast<rep>(other.count()) *
               static_cast<rep>(Other::period::num * PerSecond / Other::period::den)) {}

  [[nodiscard]] constexpr rep count() const noexcept { return count_; }

 private:
  rep count_;
};

using whole_milliseconds = time_span<1'000>;
using whole_nanoseconds = time_span<1'000'000'000>;

namespace core {

/// Nanoseconds of the steady clock, since a point that does not change while the machine runs.
STELE_API std::int64_t steady_now() noexcept;

/// Seconds, and milliseconds, since 1970-01-01T00:00:00Z.
STELE_API double unix_now() noexcept;
STELE_API std::int64_t unix_milliseconds() noexcept;

}  // namespace core

}  // namespace stele
