#include <sample.hpp>
#include <stele/testing.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <thread>

using sample::metric;
using stele::testing::delta;
using stele::testing::refused;
using stele::testing::summary_clock;
using stele::testing::value;
using namespace std::chrono_literals;

namespace {

/// A series of its own for each case, with the quantiles 0, 0.5 and 1.
auto pauses(std::string_view cause) {
  return metric<"sample_open_pause_seconds">.with({.cause = cause});
}

/// The window's smallest and largest value, or two NaN.
template <class Instrument>
std::pair<double, double> ends(Instrument const& of) {
  auto const all = value(of).quantiles;
  return {all.front(), all.back()};
}

template <class Instrument>
bool empty(Instrument const& of) {
  return std::isnan(ends(of).first);
}

/// Moves the time, and has nobody notice.
void pass_unseen(std::chrono::nanoseconds time) {
  stele::testing::detail::move_summary_clock(time.count());
}

}  // namespace

TEST(Summary, CountAndSumAreExactAndCumulative) {
  auto const before = value(metric<"sample_pause_seconds">);
  metric<"sample_pause_seconds">.observe(0.25);
  metric<"sample_pause_seconds">.observe(std::chrono::milliseconds(500));
  auto const after = value(metric<"sample_pause_seconds">);
  EXPECT_EQ(after.count - before.count, 2U);
  EXPECT_DOUBLE_EQ(after.sum - before.sum, 0.75);
}

TEST(Summary, RefusesAndCountsWhatIsNotFinite) {
  auto const before = refused(metric<"sample_pause_seconds">);
  delta const change(metric<"sample_pause_seconds">);
  metric<"sample_pause_seconds">.observe(std::numeric_limits<double>::quiet_NaN());
  metric<"sample_pause_seconds">.observe(-std::numeric_limits<double>::infinity());
  EXPECT_EQ(refused(metric<"sample_pause_seconds">) - before, 2U);
  EXPECT_EQ(change.value().count, 0U);
}

TEST(Summary, WithoutObservationsHasNoQuantiles) {
  auto const empty = value(pauses("never"));
  ASSERT_EQ(empty.quantiles.size(), 3U);
  for (double const quantile : empty.quantiles) EXPECT_TRUE(std::isnan(quantile));
  EXPECT_EQ(empty.count, 0U);
  EXPECT_EQ(empty.sum, 0.0);
}

// "Farther values are shown as 2^30 or -2^30, nearer ones as 0."
TEST(Summary, ShowsTheEndOfTheRangeForWhatLiesBeyond) {
  auto const series = pauses("beyond");
  series.observe(1e12);
  series.observe(-1e12);
  series.observe(1e-12);
  EXPECT_EQ(value(series).quantiles, (std::vector{-0x1p30, 0.0, 0x1p30}));
  EXPECT_EQ(value(series).sum, 1e12 - 1e12 + 1e-12);
}

// "quantiles over a window of 8-10 minutes in 5 slices", whenever in a slice a value comes.
TEST(SummaryWindow, HoldsAValueForEightToTenMinutes) {
  summary_clock clock;
  auto const series = pauses("eight to ten");
  for (auto phase = 0s; phase < 120s; phase += 17s) {
    clock.advance(phase);
    series.observe(1.0);
    for (auto age = 0s; age < 480s; age += 20s) {
      ASSERT_FALSE(empty(series)) << age.count() << " s, phase " << phase.count();
      clock.advance(20s);
    }
    ASSERT_FALSE(empty(series)) << "480 s, phase " << phase.count();
    clock.advance(120s);
    ASSERT_TRUE(empty(series)) << "600 s, phase " << phase.count();
  }
}

TEST(SummaryWindow, MovesOnWithoutAGather) {
  summary_clock clock;
  auto const series = pauses("gaps");
  series.observe(1.0);
  pass_unseen(480s);
  EXPECT_FALSE(empty(series));  // nothing but this gather has seen the time
  pass_unseen(120s);
  EXPECT_TRUE(empty(series));
  series.observe(2.0);
  pass_unseen(9min);
  series.observe(3.0);
  pass_unseen(1min);
  EXPECT_NEAR(ends(series).first, 3, 0.03);
  pass_unseen(1h);
  EXPECT_TRUE(empty(series));
  EXPECT_EQ(value(series).count, 3U);
  EXPECT_EQ(value(series).sum, 6.0);
}

// A program that is scraped once an hour does not show the hour's values as the last ten minutes'.
TEST(SummaryWindow, IsTheLastMinutesWhereAGatherComesOnceAnHour) {
  summary_clock clock;
  auto const series = pauses("hourly");
  for (int second = 1; second <= 3600; ++second) {
    series.observe(second);
    pass_unseen(1s);
  }
  auto const [oldest, newest] = ends(series);
  EXPECT_GE(oldest, (3600 - 600) * 0.99);
  EXPECT_LE(oldest, (3600 - 480) * 1.01);
  EXPECT_NEAR(newest, 3600, 36);
  EXPECT_EQ(value(series).count, 3600U);
}

// An owner looks at the clock again after 1,024 observations at the latest.
TEST(SummaryWindow, MissesAtMostSomeObservationsAfterABurst) {
  summary_clock clock;
  auto const series = pauses("burst");
  for (int i = 0; i < 100'000; ++i) series.observe(1.0);
  pass_unseen(1h);
  for (int i = 0; i < 1024; ++i) series.observe(2.0);
  EXPECT_NEAR(ends(series).first, 2, 0.02);
}

TEST(SummaryWindow, HoldsWhatAThreadObservesOnceAnHour) {
  summary_clock clock;
  auto const series = pauses("seldom");
  for (int hour = 1; hour <= 5; ++hour) {
    series.observe(hour);
    auto const [oldest, newest] = ends(series);
    EXPECT_NEAR(oldest, hour, hour * 0.01);
    EXPECT_NEAR(newest, hour, hour * 0.01);
    pass_unseen(1h);
  }
}

// Each thread was in another slice when it ended, and the last one's is the first one's again.
TEST(SummaryWindow, HoldsWhatEndedThreadsObserved) {
  summary_clock clock;
  auto const series = pauses("ended");
  for (int i = 1; i <= 9; ++i) {
    std::thread([&] { series.observe(i); }).join();
    auto const [oldest, newest] = ends(series);
    EXPECT_NEAR(oldest, std::max(1, i - 4), oldest * 0.01);
    EXPECT_NEAR(newest, i, i * 0.01);
    clock.advance(2min);
  }
  clock.advance(8min);
  EXPECT_TRUE(empty(series));
  EXPECT_EQ(value(series).count, 9U);
  EXPECT_EQ(value(series).sum, 45.0);
}

TEST(SummaryWindow, ForgetsWhatAThreadObservedLongBeforeItsEnd) {
  summary_clock clock;
  auto const series = pauses("ended late");
  std::atomic<int> step{0};
  std::thread late([&] {
    series.observe(1.0);
    step = 1;
    while (step != 2) std::this_thread::yield();
  });
  while (step != 1) std::this_thread::yield();
  clock.advance(10min);  // five slices: a newer value stands in the same one
  series.observe(2.0);
  std::thread([&] { series.observe(3.0); }).join();
  step = 2;
  late.join();
  EXPECT_NEAR(ends(series).first, 2, 0.02);
  EXPECT_NEAR(ends(series).second, 3, 0.03);
  EXPECT_EQ(value(series).count, 3U);
}

// Whenever a test runs, the clock that it holds stands at the beginning of a slice.
TEST(SummaryWindow, IsTheSameForATestAtAnyTime) {
  auto const series = pauses("any time");
  for (int i = 0; i < 3; ++i) {
    summary_clock clock;
    series.observe(1.0);
    clock.advance(599s);
    EXPECT_NEAR(ends(series).first, 1, 0.01);
    clock.advance(1s);
    EXPECT_TRUE(empty(series));
    clock.advance(std::chrono::seconds(37 * i));  // where the next one begins
  }
}

TEST(SummaryWindow, DoesNotGoBackWhenATestReleasesTheClock) {
  auto const series = pauses("released");
  {
    summary_clock clock;
    series.observe(1.0);
    clock.advance(10min);
    series.observe(2.0);
  }
  EXPECT_NEAR(ends(series).first, 2, 0.02);
  summary_clock clock;  // from the next slice on, which begins 120 s after the last clock ended
  clock.advance(479s);
  EXPECT_NEAR(ends(series).first, 2, 0.02);
  clock.advance(1s);
  EXPECT_TRUE(empty(series));
}
