#include <sample.hpp>
#include <stele/testing.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <limits>

using sample::metric;
using stele::testing::refused;
using stele::testing::value;

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
  metric<"sample_pause_seconds">.observe(std::numeric_limits<double>::quiet_NaN());
  metric<"sample_pause_seconds">.observe(-std::numeric_limits<double>::infinity());
  EXPECT_EQ(refused(metric<"sample_pause_seconds">) - before, 2U);
}

TEST(Summary, WithoutObservationsHasNoQuantiles) {
  auto const empty = value(metric<"sample_open_pause_seconds">.with({.cause = "never"}));
  ASSERT_EQ(empty.quantiles.size(), 3U);
  for (double const quantile : empty.quantiles) EXPECT_TRUE(std::isnan(quantile));
  EXPECT_EQ(empty.count, 0U);
  EXPECT_EQ(empty.sum, 0.0);
}
