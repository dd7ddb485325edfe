// What docs/using.md says of values at the ends of the numbers.

#include <sample.hpp>
#include <stele/testing.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <thread>

using sample::metric;
using stele::testing::exposes;
using stele::testing::exposition;
using stele::testing::refused;
using stele::testing::value;
using testing::HasSubstr;

namespace {

constexpr std::uint64_t two_to_53 = std::uint64_t{1} << 53;
constexpr double double_two_to_53 = 9007199254740992.0;
constexpr std::uint64_t highest = std::numeric_limits<std::uint64_t>::max();
constexpr std::int64_t highest_gauge = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t lowest_gauge = std::numeric_limits<std::int64_t>::min();

std::string openmetrics() { return exposition<sample::table>(stele::format::openmetrics); }

template <class Act>
void on_another_thread(Act act) {
  std::thread(act).join();
}

}  // namespace

// ---- Counters -------------------------------------------------------------------------------

TEST(Values, AnIntegerCounterIsExactAbove2To53InText) {
  auto const counter = metric<"sample_transfers_total">.with({.direction = "in"});
  counter.inc(two_to_53);
  counter.inc();
  EXPECT_THAT(exposition<sample::table>(),
              HasSubstr("sample_transfers_total{direction=\"in\"} 9007199254740993\n"));
  EXPECT_THAT(openmetrics(),
              HasSubstr("sample_transfers_total{direction=\"in\"} 9007199254740993\n"));
}

// "After 2^64-1 comes 0": threads' parts are added up modulo 2^64 too.
TEST(Values, AnIntegerCounterGoesOnFrom0At2To64) {
  auto const counter = metric<"sample_transfers_total">.with({.direction = "out"});
  auto const shown = [](std::string const& number) {
    return HasSubstr("sample_transfers_total{direction=\"out\"} " + number + "\n");
  };
  counter.inc(highest);
  EXPECT_THAT(exposition<sample::table>(), shown("18446744073709551615"));
  EXPECT_THAT(openmetrics(), shown("18446744073709551615"));
  on_another_thread([&] { counter.inc(); });
  EXPECT_THAT(exposition<sample::table>(), shown("0"));
  counter.inc(5);
  EXPECT_THAT(exposition<sample::table>(), shown("5"));
  EXPECT_EQ(refused(counter), 0U);
}

// "from 2^53 on an increment of 1 is lost": of the thread whose part has come there.
TEST(Values, ADoubleCounterLosesIncrementsOfOneFrom2To53) {
  auto const& counter = metric<"sample_wait_seconds_total">;
  counter.inc(double_two_to_53 - 1);
  counter.inc(1);
  EXPECT_EQ(value(counter), double_two_to_53);
  for (int i = 0; i < 1000; ++i) counter.inc(1);
  EXPECT_EQ(value(counter), double_two_to_53);
  EXPECT_EQ(refused(counter), 0U);
  counter.inc(2);
  EXPECT_EQ(value(counter), double_two_to_53 + 2);
  on_another_thread([&] {  // whose part begins at 0
    for (int i = 0; i < 1000; ++i) counter.inc(1);
  });
  EXPECT_EQ(value(counter), double_two_to_53 + 1002);
  EXPECT_THAT(exposition<sample::table>(),
              HasSubstr("sample_wait_seconds_total 9.007199254741994e+15\n"));
}

// ---- Gauges ---------------------------------------------------------------------------------

TEST(Values, AnIntegerGaugeReachesBothEnds) {
  auto const& gauge = metric<"sample_queue_length">;
  gauge.set(highest_gauge);
  EXPECT_TRUE(
      exposes<sample::table>("sample_queue_length 9223372036854775807", {"sample_queue_length"}));
  gauge.set(highest);
  EXPECT_EQ(value(gauge), highest_gauge);
  gauge.set(lowest_gauge);
  EXPECT_TRUE(
      exposes<sample::table>("sample_queue_length -9223372036854775808", {"sample_queue_length"}));
}

// "past an end it goes on from the other"
TEST(Values, AnIntegerGaugeGoesOnFromTheOtherEnd) {
  auto const& gauge = metric<"sample_queue_length">;
  gauge.set(highest_gauge);
  gauge.inc();
  EXPECT_EQ(value(gauge), lowest_gauge);
  gauge.dec();
  EXPECT_EQ(value(gauge), highest_gauge);
  gauge.set(lowest_gauge);
  gauge.dec(lowest_gauge);  // takes away -2^63, modulo 2^64
  EXPECT_EQ(value(gauge), 0);
  gauge.set(1);
  gauge.inc(highest);  // as set() does, 2^63-1
  EXPECT_EQ(value(gauge), lowest_gauge);
}

TEST(Values, ADoubleGaugeLosesChangesOfOneFrom2To53) {
  auto const& gauge = metric<"sample_temperature_celsius">;
  gauge.set(double_two_to_53);
  gauge.inc();
  EXPECT_EQ(value(gauge), double_two_to_53);
  gauge.dec();
  EXPECT_EQ(value(gauge), double_two_to_53 - 1);
  gauge.set(std::numeric_limits<double>::infinity());
  EXPECT_TRUE(
      exposes<sample::table>("sample_temperature_celsius +Inf", {"sample_temperature_celsius"}));
}

// ---- Histograms and summaries ---------------------------------------------------------------

TEST(Values, AHistogramsCountsAreExactAbove2To53InText) {
  auto const reading = metric<"sample_hold_seconds">.read_from([] {
    return stele::histogram_reading{
        {two_to_53 + 1, std::uint64_t{0}, std::uint64_t{0}, two_to_53, highest - 2 * two_to_53 - 1},
        1.0};
  });
  EXPECT_TRUE(exposes<sample::table>(R"(
    sample_hold_seconds_bucket{le="0.001"} 9007199254740993
    sample_hold_seconds_bucket{le="0.5"} 9007199254740993
    sample_hold_seconds_bucket{le="1"} 9007199254740993
    sample_hold_seconds_bucket{le="1e+06"} 18014398509481985
    sample_hold_seconds_bucket{le="+Inf"} 18446744073709551615
    sample_hold_seconds_sum 1
    sample_hold_seconds_count 18446744073709551615
  )",
                                     {"sample_hold_seconds"}));
}

TEST(Values, AHistogramsCountGoesOnFrom0At2To64) {
  auto const reading = metric<"sample_response_bytes">.read_from(
      [] { return stele::histogram_reading{{highest, std::uint64_t{2}, std::uint64_t{0}}, 1.0}; });
  EXPECT_TRUE(exposes<sample::table>(R"(
    sample_response_bytes_bucket{le="100"} 18446744073709551615
    sample_response_bytes_bucket{le="1000"} 1
    sample_response_bytes_bucket{le="+Inf"} 1
    sample_response_bytes_sum 1
    sample_response_bytes_count 1
  )",
                                     {"sample_response_bytes"}));
}

// A summary's sum is made of two, which take turns.
TEST(Values, ASumLosesAdditionsOfOneFrom2To53AndTheCountDoesNot) {
  auto const& histogram = metric<"sample_response_bytes">;
  auto const& summary = metric<"sample_pause_seconds">;
  for (double const each : {double_two_to_53, double_two_to_53, 1.0, 1.0, 1.0}) {
    histogram.observe(each);
    summary.observe(each);
  }
  EXPECT_EQ(value(histogram).count, 5U);
  EXPECT_EQ(value(histogram).sum, 2 * double_two_to_53);
  EXPECT_EQ(value(summary).count, 5U);
  EXPECT_EQ(value(summary).sum, 2 * double_two_to_53);
}

// "what exceeds the largest double is +Inf": of a counter that only goes up, for good.
TEST(Values, ASumBeyondTheLargestDoubleIsInfinite) {
  constexpr double largest = std::numeric_limits<double>::max();
  auto const& counter = metric<"sample_wait_seconds_total">;
  auto const latency = metric<"sample_open_latency_seconds">.with({.path = "/largest"});
  for (int i = 0; i < 2; ++i) {
    counter.inc(largest);
    latency.observe(largest);
  }
  counter.inc(1);
  auto const text = exposition<sample::table>();
  EXPECT_THAT(text, HasSubstr("sample_wait_seconds_total +Inf\n"));
  EXPECT_THAT(text, HasSubstr("sample_open_latency_seconds_sum{path=\"/largest\"} +Inf\n"));
  EXPECT_EQ(value(latency).count, 2U);
}
