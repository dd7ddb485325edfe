// Callbacks that give a histogram, or the values of one.

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <vector>

#include "reading_case.hpp"

using sample::metric;
using stele::testing::refused;
using stele::testing::value;
using namespace reading_case;
using namespace std::chrono_literals;

TEST(HistogramReading, IsShownInsteadOfTheRowsOwn) {
  metric<"sample_response_bytes">.observe(5);
  auto reading = metric<"sample_response_bytes">.read_from(
      [] { return stele::histogram_reading{{3, 1, 2}, 2500.5}; });
  auto const text = exposition();
  EXPECT_TRUE(shows(text, "sample_response_bytes_bucket{le=\"100\"} 3"));
  EXPECT_TRUE(shows(text, "sample_response_bytes_bucket{le=\"1000\"} 4"));
  EXPECT_TRUE(shows(text, "sample_response_bytes_bucket{le=\"+Inf\"} 6"));
  EXPECT_TRUE(shows(text, "sample_response_bytes_sum 2500.5"));
  EXPECT_TRUE(shows(text, "sample_response_bytes_count 6"));
}

TEST(HistogramReading, MayBeBuiltFromValues) {
  auto reading = metric<"sample_response_bytes">.read_from([](auto& counts) {
    for (int const size : {100, 101, 5000}) counts.observe(size);
  });
  auto const seen = value(metric<"sample_response_bytes">);
  EXPECT_EQ(seen.buckets, (std::vector<std::uint64_t>{1, 1, 1}));
  EXPECT_EQ(seen.sum, 5201);
}

TEST(HistogramReading, TakesADurationInTheRowsUnit) {
  auto reading =
      metric<"sample_hold_seconds">.read_from([](auto& counts) { counts.observe(250ms); });
  EXPECT_EQ(value(metric<"sample_hold_seconds">).sum, 0.25);
}

TEST(HistogramReading, ThatDoesNotFitIsLeftOutAndCounted) {
  struct external {
    std::vector<std::uint64_t> buckets;
    double sum;
  };
  double const nan = std::numeric_limits<double>::quiet_NaN();
  for (auto const& wrong : {external{{1, 2}, 3}, external{{1, 2, 3, 4}, 3},
                            external{{1, 2, 3}, nan}, external{{1, 2, 3}, -1}}) {
    auto const before = refused(metric<"sample_response_bytes">);
    auto reading = metric<"sample_response_bytes">.read_from([&] { return wrong; });
    EXPECT_EQ(exposition().find("sample_response_bytes"), std::string::npos);
    EXPECT_EQ(refused(metric<"sample_response_bytes">) - before, 1U);
  }
  auto reading =
      metric<"sample_response_bytes">.read_from([](auto& counts) { counts.observe(-1); });
  EXPECT_EQ(exposition().find("sample_response_bytes"), std::string::npos);
}

TEST(HistogramReading, MayBelowZeroWhereTheRowHasSuchABound) {
  auto reading =
      metric<"sample_change_celsius">.read_from([](auto& counts) { counts.observe(-3); });
  EXPECT_EQ(value(metric<"sample_change_celsius">).sum, -3);
}

TEST(HistogramReading, MayBeOneOfALabelledSet) {
  auto reading = metric<"sample_open_latency_seconds">.read_from([](auto& samples) {
    samples.add({.path = "/a"}, stele::histogram_reading{{1, 0, 1}, 2.5});
    auto times = samples.histogram();
    times.observe(50ms);
    samples.add({.path = "/b"}, times);
  });
  auto const text = exposition();
  EXPECT_TRUE(shows(text, "sample_open_latency_seconds_bucket{path=\"/a\",le=\"+Inf\"} 2"));
  EXPECT_TRUE(shows(text, "sample_open_latency_seconds_bucket{path=\"/b\",le=\"0.1\"} 1"));
  EXPECT_TRUE(shows(text, "sample_open_latency_seconds_sum{path=\"/b\"} 0.05"));
}
