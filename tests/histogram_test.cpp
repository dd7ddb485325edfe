#include <sample.hpp>
#include <stele/testing.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <limits>
#include <thread>
#include <vector>

using sample::metric;
using stele::testing::refused;
using stele::testing::value;
using namespace std::chrono_literals;
using counts = std::vector<std::uint64_t>;

namespace {

counts difference(counts after, counts const& before) {
  for (std::size_t i = 0; i < before.size(); ++i) after[i] -= before[i];
  return after;
}

}  // namespace

// Prometheus: a bucket's `le` bound is inclusive.
TEST(Histogram, PutsAValueOnABoundIntoThatBoundsBucket) {
  auto const before = value(metric<"sample_response_bytes">);
  for (int const size : {0, 99, 100, 101, 1000, 1001})
    metric<"sample_response_bytes">.observe(size);
  auto const after = value(metric<"sample_response_bytes">);
  EXPECT_EQ(difference(after.buckets, before.buckets), (counts{3, 2, 1}));
  EXPECT_EQ(after.count - before.count, 6U);
  EXPECT_DOUBLE_EQ(after.sum - before.sum, 2301);
}

TEST(Histogram, TakesDurationsInTheRowsUnit) {
  auto const series = metric<"sample_request_latency_ms">.with({.method = sample::method::GET});
  auto const before = value(series);
  series.observe(5ms);
  series.observe(1s);
  series.observe(500us);
  auto const after = value(series);
  EXPECT_DOUBLE_EQ(after.sum - before.sum, 1005.5);
  EXPECT_EQ(difference(after.buckets, before.buckets), (counts{1, 1, 0, 1}));
}

TEST(Histogram, RefusesAndCountsWhatIsNoDuration) {
  auto const before = value(metric<"sample_hold_seconds">);
  auto const refusals = refused(metric<"sample_hold_seconds">);
  for (double const bad :
       {-1.0, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(),
        -std::numeric_limits<double>::infinity()})
    metric<"sample_hold_seconds">.observe(bad);
  EXPECT_EQ(value(metric<"sample_hold_seconds">), before);
  EXPECT_EQ(refused(metric<"sample_hold_seconds">) - refusals, 4U);
}

TEST(Histogram, WithANegativeBoundTakesNegativeValues) {
  auto const before = value(metric<"sample_change_celsius">);
  for (double const change : {-20.0, -10.0, -1.0, 1.0, 11.0})
    metric<"sample_change_celsius">.observe(change);
  auto const after = value(metric<"sample_change_celsius">);
  EXPECT_EQ(difference(after.buckets, before.buckets), (counts{2, 1, 1, 1}));
  EXPECT_DOUBLE_EQ(after.sum - before.sum, -19);
}

TEST(Histogram, OfAStringOutsideAClosedSetGoesToOther) {
  auto const other = metric<"sample_request_latency_ms">.with({.method = sample::method::other});
  auto const before = value(other);
  metric<"sample_request_latency_ms">.with({.method = "PROPFIND"}).observe(1ms);
  EXPECT_EQ(value(other).count - before.count, 1U);
}

TEST(Histogram, HasADelta) {
  stele::testing::delta const change(metric<"sample_response_bytes">);
  metric<"sample_response_bytes">.observe(500);
  EXPECT_EQ(change.value().count, 1U);
  EXPECT_EQ(change.value().sum, 500);
  EXPECT_EQ(change.value().buckets, (counts{0, 1, 0}));
}

TEST(Histogram, KeepsASeriesForEachSetOfOpenLabels) {
  auto const series = metric<"sample_open_latency_seconds">.with({.path = "/h"});
  auto const before = value(series);
  metric<"sample_open_latency_seconds">.with({.path = "/h"}).observe(100ms);
  EXPECT_EQ(difference(value(series).buckets, before.buckets), (counts{1, 0, 0}));
}

TEST(Timer, ObservesItsLife) {
  auto const before = value(metric<"sample_hold_seconds">);
  {
    auto timer = metric<"sample_hold_seconds">.time();
    std::this_thread::sleep_for(2ms);
  }
  auto const after = value(metric<"sample_hold_seconds">);
  EXPECT_EQ(after.count - before.count, 1U);
  EXPECT_GE(after.sum - before.sum, 0.002);
}

TEST(Timer, ObservesOnceWhenStoppedAndNotAtAllWhenDiscarded) {
  auto const before = value(metric<"sample_hold_seconds">);
  {
    auto stopped = metric<"sample_hold_seconds">.time();
    stopped.stop();
    stopped.stop();
    auto discarded = metric<"sample_hold_seconds">.time();
    discarded.discard();
    auto moved_from = metric<"sample_hold_seconds">.time();
    auto moved_to = std::move(moved_from);
  }
  EXPECT_EQ(value(metric<"sample_hold_seconds">).count - before.count, 2U);
}
