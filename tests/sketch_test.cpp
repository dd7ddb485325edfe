// A summary's sketch, without the instrument around it.

#include "stele/sketch.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <random>
#include <vector>

#include "core/summary_window.hpp"

using stele::log_buckets;
using stele::sketch;
using stele::core::summary_window;

namespace {

/// The largest relative error of the quantiles 0, 0.01 … 1 against the lower nearest rank.
double worst_error(std::vector<double> values) {
  auto part = std::make_unique<sketch>();
  for (double const each : values) part->observe(each, 1);
  summary_window window;
  window.clear();
  window.add(*part);
  std::sort(values.begin(), values.end());
  double worst = 0;
  for (int percent = 0; percent <= 100; ++percent) {
    double const q = percent / 100.0;
    double const exact =
        values[static_cast<std::size_t>(q * static_cast<double>(values.size() - 1))];
    double const seen = window.quantile(q);
    worst = std::max(worst, exact == 0 ? std::abs(seen) : std::abs(seen - exact) / std::abs(exact));
  }
  return worst;
}

template <class Distribution>
std::vector<double> drawn(Distribution distribution, std::size_t count = 20'000) {
  std::mt19937_64 random(42);
  std::vector<double> values(count);
  for (double& each : values) each = distribution(random);
  return values;
}

}  // namespace

// "relative error at most 1 % for 1e-9 <= |v| <= 1e9, against the lower nearest rank"
TEST(Sketch, QuantilesAreWithinOnePercent) {
  EXPECT_LE(worst_error(drawn(std::uniform_real_distribution(1e-3, 1e3))), 0.01);
  EXPECT_LE(worst_error(drawn(std::exponential_distribution(1e-3))), 0.01);
  EXPECT_LE(worst_error(drawn(std::lognormal_distribution(0.0, 3.0))), 0.01);
  EXPECT_LE(worst_error(drawn(std::uniform_real_distribution(-1e9, -1.0))), 0.01);
  EXPECT_LE(worst_error({5, 5, 5, 5}), 0.01);
  EXPECT_LE(worst_error({1e-9, 1e9}), 0.01);
  EXPECT_LE(worst_error({-1e9, -1e-9, 0, 1e-9, 1e9}), 0.01);
  EXPECT_LE(worst_error({7}), 0.01);
}

TEST(Sketch, EveryBucketHoldsItsMiddleWithinOnePercentOfItsEnds) {
  for (double value = 1e-9; value <= 1e9; value *= 1.0005) {
    double const middle = log_buckets::value_of(log_buckets::index_of(value));
    ASSERT_LE(std::abs(middle - value) / value, 0.01) << value;
    ASSERT_EQ(log_buckets::value_of(log_buckets::index_of(-value)), -middle) << value;
  }
}

TEST(Sketch, ValuesOutsideTheRangeGoToTheEndBuckets) {
  EXPECT_EQ(log_buckets::index_of(1e-12), log_buckets::zero);
  EXPECT_EQ(log_buckets::index_of(-0.0), log_buckets::zero);
  EXPECT_EQ(log_buckets::index_of(1e300), log_buckets::size - 1);
  EXPECT_EQ(log_buckets::index_of(-1e300), 0U);
}

// "Summary: quantiles ascending, NaN when there is none, with _sum 0 and _count 0."
TEST(Sketch, WindowForgetsWhatIsOlderThanItsSlices) {
  auto part = std::make_unique<sketch>();
  auto const in_window = [&](sketch::epoch now) {
    std::vector<std::uint64_t> counts(log_buckets::size);
    part->read_window(now, counts.data());
    std::uint64_t sum = 0;
    for (auto const count : counts) sum += count;
    return sum;
  };
  part->observe(1, 10);
  part->observe(2, 11);
  EXPECT_EQ(in_window(11), 2U);
  EXPECT_EQ(in_window(14), 2U);
  EXPECT_EQ(in_window(15), 1U);
  EXPECT_EQ(in_window(16), 0U);
  part->observe(3, 15);  // the slice that held epoch 10
  EXPECT_EQ(in_window(15), 2U);
  std::uint64_t count = 0;
  double sum = 0;
  ASSERT_TRUE(part->try_read(count, sum));
  EXPECT_EQ(count, 3U);
  EXPECT_EQ(sum, 6.0);
}

TEST(Sketch, MergeKeepsTheNewerSlice) {
  auto ended = std::make_unique<sketch>();
  auto kept = std::make_unique<sketch>();
  ended->observe(1, 10);
  kept->observe(2, 15);  // the same slice, five epochs later
  ended->observe(3, 16);
  kept->merge(*ended);
  std::vector<std::uint64_t> counts(log_buckets::size);
  kept->read_window(16, counts.data());
  EXPECT_EQ(counts[log_buckets::index_of(1)], 0U);
  EXPECT_EQ(counts[log_buckets::index_of(2)], 1U);
  EXPECT_EQ(counts[log_buckets::index_of(3)], 1U);
}
