// A summary's sketch, without the instrument around it.

#include "stele/sketch.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "core/summary_window.hpp"
#include "sketch_case.hpp"

using stele::log_buckets;
using stele::sketch;
using stele::sliced_buckets;
using stele::core::nearest_rank;
using stele::core::summary_window;
using stele::test::in_window;
using stele::test::observe;
using stele::test::totals_of;
using stele::test::window_of;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// The largest relative error against the exact lower nearest rank; infinite where a quantile of
/// zero is not shown as zero.
double worst_error(std::vector<double> values) {
  auto part = std::make_unique<sketch>();
  for (double const each : values) EXPECT_TRUE(part->observe(each, 1));
  summary_window window;
  part->read_window(1, [&](auto bucket, auto count) { window.add(bucket, count); });
  std::sort(values.begin(), values.end());
  double worst = 0;
  for (double const q : {0.0, 0.01, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999, 1.0}) {
    double const exact =
        values[static_cast<std::size_t>(q * static_cast<double>(values.size() - 1))];
    double const seen = window.quantile(q);
    if (seen != exact) worst = std::max(worst, std::abs(seen - exact) / std::abs(exact));
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

/// Every bucket's lower border with the doubles before and behind it, as far as they are in range.
std::vector<double> borders() {
  std::vector<double> values;
  for (int exponent = -30; exponent < 30; ++exponent)
    for (int part = 0; part < 64; ++part) {
      double const border = std::ldexp(1 + part / 64.0, exponent);
      for (double const each :
           {std::nextafter(border, 0), border, std::nextafter(border, infinity)})
        if (each >= 1e-9 && each <= 1e9) values.push_back(each);
    }
  return values;
}

std::vector<double> negated(std::vector<double> values) {
  for (double& each : values) each = -each;
  return values;
}

std::vector<double> alternating(std::vector<double> values) {
  for (std::size_t i = 0; i < values.size(); i += 2) values[i] = -values[i];
  return values;
}

std::vector<double> joined(std::vector<double> values, std::vector<double> const& others) {
  values.insert(values.end(), others.begin(), others.end());
  return values;
}

}  // namespace

// "relative error at most 1 % for 1e-9 <= |v| <= 1e9, against the lower nearest rank"
TEST(Sketch, QuantilesOfDistributionsAreWithinOnePercent) {
  auto const uniform = drawn(std::uniform_real_distribution(1e-3, 1e3));
  auto const over_the_range = [] {
    auto values = drawn(std::uniform_real_distribution(std::log(1e-9), std::log(1e9)));
    for (double& each : values) each = std::clamp(std::exp(each), 1e-9, 1e9);
    return values;
  }();
  auto const fast = drawn(std::normal_distribution(1e-3, 1e-4));
  auto const slow = drawn(std::normal_distribution(10.0, 1.0), 1000);
  std::map<std::string, std::vector<double>> const samples{
      {"uniform", uniform},
      {"exponential", drawn(std::exponential_distribution(1e-3))},
      {"lognormal", drawn(std::lognormal_distribution(0.0, 3.0))},
      {"over the whole range", over_the_range},
      {"bimodal", joined(fast, slow)},
      {"negative", negated(uniform)},
      {"around zero", drawn(std::uniform_real_distribution(-5.0, 5.0))},
      {"constant", std::vector(1000, 0.7)},
      {"zeros", std::vector(10, 0.0)},
      {"mostly zeros", joined(std::vector(999, 0.0), {1e9})},
      {"whole numbers", drawn(std::geometric_distribution(0.01))}};
  for (auto const& [name, values] : samples) EXPECT_LE(worst_error(values), 0.01) << name;
}

TEST(Sketch, QuantilesOfAdversariesAreWithinOnePercent) {
  auto const sorted = [] {
    auto values = drawn(std::lognormal_distribution(0.0, 1.0));
    std::sort(values.begin(), values.end());
    return values;
  }();
  // The median is among a hundred equal values, whose neighbours are next to them on both sides.
  std::vector<double> around_rank = joined(std::vector(100, 1.0), std::vector(100, 0.5));
  around_rank = joined(around_rank, std::vector(99, 2.0));
  std::map<std::string, std::vector<double>> const samples{
      {"borders", borders()},
      {"negative borders", negated(borders())},
      {"borders of alternating signs", alternating(borders())},
      {"ends of the range", joined(std::vector(500, 1e-9), std::vector(500, 1e9))},
      {"ends of both signs", {-1e9, -1e-9, 0, 1e-9, 1e9}},
      {"one bucket", drawn(std::uniform_real_distribution(1.0, 1.0 + 1 / 64.0))},
      {"sorted", sorted},
      {"reversed", {sorted.rbegin(), sorted.rend()}},
      {"duplicates around the rank", around_rank},
      {"one value", {7}},
      {"two values", {1e-9, 1e9}},
      {"three values", {3, 1, 2}},
      {"one negative", {-3}}};
  for (auto const& [name, values] : samples) EXPECT_LE(worst_error(values), 0.01) << name;
  // Each alone, so that no neighbour in the rank hides it.
  for (double const each : alternating(borders())) ASSERT_LE(worst_error({each}), 0.01) << each;
}

TEST(Sketch, BucketsAscendWithTheirValues) {
  for (std::size_t i = 1; i < log_buckets::size; ++i)
    ASSERT_LT(log_buckets::value_of(i - 1), log_buckets::value_of(i)) << i;
  for (std::size_t i = 1; i + 1 < log_buckets::size; ++i)
    ASSERT_EQ(log_buckets::index_of(log_buckets::value_of(i)), i);
}

// "outside goes to counted end buckets"
TEST(Sketch, ValuesOutsideTheRangeGoToEndBucketsAndAreCounted) {
  EXPECT_EQ(log_buckets::index_of(1e-12), log_buckets::zero);
  EXPECT_EQ(log_buckets::index_of(-0.0), log_buckets::zero);
  EXPECT_EQ(log_buckets::index_of(1e300), log_buckets::above);
  EXPECT_EQ(log_buckets::index_of(-1e300), log_buckets::below);
  EXPECT_EQ(log_buckets::value_of(log_buckets::above), 0x1p30);
  EXPECT_EQ(log_buckets::value_of(log_buckets::below), -0x1p30);

  auto part = std::make_unique<sketch>();
  for (double const each : {0.0, -0.0, 1e-9, 1e9, 1e-12, -1e-12, 1e10, -1e300})
    EXPECT_TRUE(part->observe(each, 1));
  EXPECT_EQ(part->outside(), 4U);
  auto const counts = window_of(*part, 1);
  EXPECT_EQ(counts.at(log_buckets::zero), 4U);
  EXPECT_EQ(counts.at(log_buckets::above), 1U);
  EXPECT_EQ(counts.at(log_buckets::below), 1U);
  auto other = std::make_unique<sketch>();
  other->observe(1e10, 1);
  EXPECT_FALSE(other->saw_negative());
  other->merge(*part);
  EXPECT_TRUE(other->saw_negative());
  EXPECT_EQ(other->outside(), 5U);
  EXPECT_EQ(window_of(*other, 1).at(log_buckets::above), 2U);
}

TEST(Sketch, RefusesWhatIsNotFinite) {
  auto part = std::make_unique<sketch>();
  part->observe(1e9, 1);
  for (double const each : {infinity, -infinity, std::numeric_limits<double>::quiet_NaN()}) {
    EXPECT_FALSE(part->observe(each, 1));
    EXPECT_FALSE(part->observe_quickly(each));
  }
  EXPECT_EQ(totals_of(*part).count, 1U);
  EXPECT_EQ(totals_of(*part).sum, 1e9);
}

// "cumulative sum and count are exact": no value is left out or rounded, and the additions are
// those of two plain loops, which take turns.
TEST(Sketch, SumAndCountAreThoseOfPlainLoops) {
  auto part = std::make_unique<sketch>();
  // All in the first bucket's group, so that after the first value each is counted quickly.
  auto const values = drawn(std::uniform_real_distribution(1.0, 1.1), 100'000);
  double sums[2]{};
  for (std::size_t i = 0; i < values.size(); ++i) {
    ASSERT_TRUE(observe(*part, values[i], 1));
    sums[i % 2] += values[i];
  }
  EXPECT_EQ(totals_of(*part).count, values.size());
  EXPECT_NEAR(totals_of(*part).sum, sums[0] + sums[1], 1e-9);
}

// Where values cancel each other, the sum is that of one loop in their order: the two sums do not
// grow apart, and neither overflows alone.
TEST(Sketch, SumOfAlternatingSignsIsThatOfOneLoop) {
  auto part = std::make_unique<sketch>();
  auto const values = alternating(drawn(std::lognormal_distribution(0.0, 5.0), 100'000));
  double sum = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i % 10'000 == 0) part->call_owner();
    ASSERT_TRUE(observe(*part, values[i], 1 + i / 10'000));
    sum += values[i];
  }
  EXPECT_EQ(totals_of(*part).sum, sum);
  for (double const each : {1e308, -1e308, 1e308, -1e308}) observe(*part, each, 11);
  EXPECT_TRUE(std::isfinite(totals_of(*part).sum));

  auto large = std::make_unique<sketch>();
  for (int i = 0; i < 1000; ++i)
    for (double const each : {0x1p52 + 1, -0x1p52}) observe(*large, each, 1);
  EXPECT_EQ(totals_of(*large).sum, 1000);
  EXPECT_TRUE(part->saw_negative());
}

// 0.99 of 101 values is the 100th, although the double 0.99 is a little less than 99/100.
TEST(Sketch, RanksAreExactBeyondWhatADoubleHolds) {
  EXPECT_EQ(nearest_rank(0.99, 100), 99U);
  EXPECT_EQ(nearest_rank(0.5, 9), 4U);
  for (std::uint64_t percent = 0; percent <= 100; ++percent)
    for (std::uint64_t const hundreds : {1, 3, 7, 1'000, 123'456'789})
      EXPECT_EQ(nearest_rank(static_cast<double>(percent) / 100, 100 * hundreds),
                percent * hundreds);
  constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
  EXPECT_EQ(nearest_rank(0, most), 0U);
  EXPECT_EQ(nearest_rank(1, most), most);
  EXPECT_EQ(nearest_rank(0.5, most), most / 2);
  EXPECT_EQ(nearest_rank(0.25, (std::uint64_t{1} << 60) + 4), (std::uint64_t{1} << 58) + 1);
  EXPECT_EQ(nearest_rank(std::numeric_limits<double>::denorm_min(), most), 0U);

  constexpr std::uint64_t many = (std::uint64_t{1} << 60) + 1;
  std::size_t const low = log_buckets::index_of(1);
  std::size_t const high = log_buckets::index_of(2);
  summary_window window;
  window.add(low, many);
  window.add(high, many);  // ranks 0 … 2 * many - 1: floor((2 * many - 1) / 2) is the last of `low`
  EXPECT_EQ(window.quantile(0.5), log_buckets::value_of(low));
  window.add(high, 1);
  EXPECT_EQ(window.quantile(0.5), log_buckets::value_of(high));
  EXPECT_EQ(window.quantile(1), log_buckets::value_of(high));
}

// "Summary: quantiles ascending, NaN when there is none, with _sum 0 and _count 0."
TEST(Sketch, WindowForgetsWhatIsOlderThanItsSlices) {
  auto part = std::make_unique<sketch>();
  for (double const sign : {1.0, -1.0, 0.0}) {  // three places in which a sketch counts
    part->observe(sign, 10);
    part->observe(sign * 2, 11);
  }
  EXPECT_EQ(in_window(*part, 11), 6U);
  EXPECT_EQ(in_window(*part, 14), 6U);
  EXPECT_EQ(in_window(*part, 15), 3U);
  EXPECT_EQ(in_window(*part, 16), 0U);
  EXPECT_EQ(in_window(*part, 1'000'000), 0U);
  part->observe(3, 15);  // the slice that held epoch 10
  EXPECT_EQ(in_window(*part, 15), 4U);
  EXPECT_EQ(totals_of(*part).count, 7U);
  EXPECT_EQ(totals_of(*part).sum, 3.0);
}

TEST(Sketch, MergeKeepsTheNewerSlice) {
  auto ended = std::make_unique<sketch>();
  auto kept = std::make_unique<sketch>();
  for (double const sign : {1.0, -1.0}) {
    ended->observe(sign, 10);
    kept->observe(sign * 2, 15);  // the same slice, five epochs later
    kept->observe(sign * 4, 12);
    ended->observe(sign * 3, 16);
    ended->observe(sign * 4, 17);  // the slice that has epoch 12 in `kept`
  }
  kept->merge(*ended);
  auto counts = window_of(*kept, 17);
  for (double const sign : {1.0, -1.0}) {
    EXPECT_EQ(counts[log_buckets::index_of(sign)], 0U);
    EXPECT_EQ(counts[log_buckets::index_of(sign * 2)], 1U);
    EXPECT_EQ(counts[log_buckets::index_of(sign * 3)], 1U);
    EXPECT_EQ(counts[log_buckets::index_of(sign * 4)], 1U);
  }
  kept->observe(5, 17);
  EXPECT_EQ(in_window(*kept, 17), 7U);
  EXPECT_EQ(totals_of(*kept).count, 11U);
}

// A count of 32 bits stops at its end; those of a whole series are exact.
TEST(Sketch, ABucketThatIsFullStaysFull) {
  auto one = std::make_unique<sketch>();
  auto other = std::make_unique<sketch>();
  std::uint64_t count = 1;
  std::uint64_t others = 1;
  one->observe(1, 1);
  other->observe(1, 1);
  for (int i = 0; i < 24; ++i) {  // grows as Fibonacci's numbers do
    one->merge(*other);
    count += others;
    other->merge(*one);
    others += count;
  }
  one->look(0);
  EXPECT_FALSE(one->observe_quickly(1));
  EXPECT_TRUE(one->observe(1, 1));
  constexpr std::uint64_t full = std::numeric_limits<std::uint32_t>::max();
  ASSERT_GT(count, full);
  EXPECT_EQ(in_window(*one, 1), full);
  EXPECT_EQ(totals_of(*one).count, count + 1);
  EXPECT_EQ(totals_of(*one).sum, static_cast<double>(count + 1));
}

// Memory is touched, and read by gathers, only between the smallest and the largest value.
TEST(Sketch, CoversNoMoreThanTheValuesSpan) {
  auto buckets = std::make_unique<sliced_buckets>();
  auto const covered = [&] {
    auto const [first, end] = buckets->covered();
    return std::pair<int, int>(first, end);
  };
  EXPECT_EQ(covered(), std::pair(0, 0));
  buckets->cover(100);
  EXPECT_EQ(covered(), std::pair(96, 112));
  buckets->cover(96);
  EXPECT_EQ(covered(), std::pair(96, 112));
  for (std::size_t i = 0; i < sliced_buckets::slices; ++i)
    buckets->begin(i)[sliced_buckets::offset_of(100)] = static_cast<std::uint32_t>(i + 1);
  buckets->cover(200);
  buckets->cover(0);
  EXPECT_EQ(covered(), std::pair(0, 208));
  std::uint64_t sum = 0;  // the old counts are kept, the new ones are zero
  buckets->read({true, true, true, true, true}, [&](std::size_t distance, std::uint64_t count) {
    EXPECT_EQ(distance, 100U);
    sum += count;
  });
  EXPECT_EQ(sum, 15U);
  buckets->cover(log_buckets::a_sign - 1);
  EXPECT_EQ(covered(), std::pair(0, int{log_buckets::a_sign}));
}
