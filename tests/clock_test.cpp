#include <sample.hpp>
#include <stele/testing.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <ratio>
#include <type_traits>

using stele::detail::in_unit;
using stele::detail::seconds_of;
using namespace std::chrono_literals;
using std::is_convertible_v;

// A duration is known by what it has.

struct own_ticks {  // of a service's own, 1/50 s
  using rep = unsigned;
  struct period {
    static constexpr int num = 1;
    static constexpr int den = 50;
  };
  unsigned ticks;
  [[nodiscard]] constexpr unsigned count() const { return ticks; }
};

static_assert(stele::duration<std::chrono::nanoseconds>);
static_assert(stele::duration<std::chrono::duration<float, std::ratio<7, 3>>>);
static_assert(stele::duration<own_ticks>);
static_assert(!stele::duration<int>);
static_assert(!stele::duration<std::chrono::system_clock::time_point>);

static_assert(stele::system_time<std::chrono::system_clock::time_point>);
static_assert(stele::system_time<std::chrono::sys_seconds>);
static_assert(!stele::system_time<std::chrono::steady_clock::time_point>);
static_assert(!stele::system_time<std::chrono::seconds>);

// A time of the options takes what it can hold without loss, as std::chrono::milliseconds does.

static_assert(stele::whole_milliseconds(5s).count() == 5000);
static_assert(stele::whole_milliseconds(-2min).count() == -120'000);
static_assert(stele::whole_milliseconds(own_ticks{3}).count() == 60);
static_assert(is_convertible_v<std::chrono::hours, stele::whole_milliseconds>);
static_assert(!is_convertible_v<std::chrono::microseconds, stele::whole_milliseconds>);
static_assert(!is_convertible_v<std::chrono::duration<double>, stele::whole_milliseconds>);
static_assert(!is_convertible_v<int, stele::whole_milliseconds>);

// A duration is rounded as std::chrono rounds it.

template <class Duration>
constexpr bool as_chrono(Duration value) {
  using std::chrono::duration;
  using stele::unit;
  return in_unit<seconds_of(unit::seconds)>(value) == duration<double>(value).count() &&
         in_unit<seconds_of(unit::milliseconds)>(value) ==
             duration<double, std::milli>(value).count() &&
         in_unit<seconds_of(unit::nanoseconds)>(value) ==
             duration<double, std::nano>(value).count() &&
         in_unit<seconds_of(unit::days)>(value) ==
             duration<double, std::ratio<86'400>>(value).count();
}
static_assert(as_chrono(5ms) && as_chrono(123'456'789ns) && as_chrono(7h) && as_chrono(0.1s));
static_assert(as_chrono(std::chrono::duration<int, std::ratio<7, 3>>(11)));
static_assert(as_chrono(std::chrono::years(-3)) && as_chrono(std::chrono::nanoseconds::max()));

TEST(Clock, AnOwnDurationIsConvertedToTheRowsUnit) {
  stele::testing::delta const waited(sample::metric<"sample_wait_seconds_total">);
  sample::metric<"sample_wait_seconds_total">.inc(own_ticks{75});
  EXPECT_EQ(waited.value(), 1.5);
}

TEST(Clock, TheSteadyOneIsNeverBehindAndTheOtherIsTheSystems) {
  std::int64_t const before = stele::core::steady_now();
  EXPECT_GE(stele::core::steady_now(), before);
  double const least =
      std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  EXPECT_GE(stele::core::unix_now(), least - 1);
  EXPECT_LE(stele::core::unix_now(), least + 3600);
}
