// Histograms with native buckets, alone and beside classic ones, as a service uses them.

#include <stele/testing.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "native_table.hpp"

using stele::testing::histogram_value;
using stele::testing::native_value;
using stele::testing::refused;
using stele::testing::value;
using buckets = native_value::bucket_counts;
using counts = std::vector<std::uint64_t>;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr double largest = std::numeric_limits<double>::max();

/// A series that no other test has.
template <int Schema = 3>
auto series(std::string_view test) {
  return native::at_schema<Schema>.with({.test = test});
}

std::uint64_t in_buckets(native_value const& of) {
  std::uint64_t sum = of.zero_count;
  for (auto const* sign : {&of.positive, &of.negative})
    for (auto const& [index, count] : *sign) sum += count;
  return sum;
}

int index_of(double magnitude, int schema) {
  if (std::isinf(magnitude)) return index_of(largest, schema) + 1;
  return static_cast<int>(
      std::ceil(std::ldexp(std::log2(static_cast<long double>(magnitude)), schema)));
}

/// What the buckets of these values are, at the highest schema up to a row's at which all fit.
native_value expected_of(std::vector<double> const& values, int row_schema) {
  for (int schema = row_schema;; --schema) {
    native_value result;
    result.schema = schema;
    for (double const each : values) {
      double const magnitude = std::abs(each);
      if (magnitude <= 0x1p-128)
        ++result.zero_count;
      else if (!std::isnan(each))
        ++(each < 0 ? result.negative : result.positive)[index_of(magnitude, schema)];
    }
    auto const fits = [](buckets const& sign) {
      return sign.empty() || sign.rbegin()->first - sign.begin()->first < 160;
    };
    if (fits(result.positive) && fits(result.negative)) return result;
  }
}

std::string exposed(stele::format format) {
  return stele::testing::exposition<native::table>(format);
}

bool has(std::string const& text, std::string const& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

// "Bucket i of schema n is (2^(2^-n·(i-1)), 2^(2^-n·i)]"; "zero threshold 2^-128".
TEST(Native, BucketsIncludeTheirUpperEnd) {
  auto const at = series("borders");
  for (double const each : {1.0, std::nextafter(1.0, 2.0), 2.0, std::nextafter(2.0, 3.0), -2.0,
                            0x1p-128, -0x1p-128, std::nextafter(0x1p-128, 1.0), 0.0, -0.0})
    at.observe(each);
  auto const seen = value(at).native;
  EXPECT_EQ(seen.zero_count, 4U);
  EXPECT_EQ(seen.negative.size(), 1U);
  EXPECT_EQ(seen.schema, 0);  // from 2^-128 to above 2 at 160 positions
  EXPECT_EQ(seen.positive, (buckets{{-127, 1}, {0, 1}, {1, 2}, {2, 1}}));
}

TEST(Native, ARowsSchemaIsTheResolutionAtTheStart) {
  auto const at = series<3>("start");
  for (double const each : {1.0, 1.1, 1.5, 2.0, 100.0}) at.observe(each);
  auto const seen = value(at).native;
  EXPECT_EQ(seen.schema, 3);
  EXPECT_EQ(seen.positive, (buckets{{0, 1}, {2, 1}, {5, 1}, {8, 1}, {54, 1}}));
}

// "native-only rows take them": negatives, infinities, NaN; "±Inf in the overflow bucket; NaN
// counts in count only; count == zero_count + all buckets, unless sum is NaN".
TEST(Native, AloneTakesAnyValue) {
  auto const at = series("any");
  for (double const each : {-1.0, infinity, largest, 1.0}) at.observe(each);
  auto seen = value(at);
  EXPECT_EQ(seen.count, 4U);
  EXPECT_EQ(in_buckets(seen.native), 4U);
  EXPECT_EQ(seen.sum, infinity);
  EXPECT_EQ(seen.native.schema, -3);
  EXPECT_EQ(seen.native.positive, (buckets{{0, 1}, {128, 1}, {129, 1}}));
  EXPECT_EQ(seen.native.negative, (buckets{{0, 1}}));
  at.observe(-infinity);
  seen = value(at);
  EXPECT_TRUE(std::isnan(seen.sum));
  EXPECT_EQ(in_buckets(seen.native), 5U);
  EXPECT_EQ(seen.native.negative, (buckets{{0, 1}, {129, 1}}));
}

TEST(Native, NaNIsInTheCountOnly) {
  auto const at = series("nan");
  at.observe(1.0);
  at.observe(not_a_number);
  auto const seen = value(at);
  EXPECT_EQ(seen.count, 2U);
  EXPECT_EQ(seen.buckets, (counts{2}));
  EXPECT_EQ(in_buckets(seen.native), 1U);
  EXPECT_TRUE(std::isnan(seen.sum));
}

// "A row with both forms follows the classic rule."
TEST(Native, BesideClassicBucketsRefusesWhatThoseDo) {
  auto const before = value(native::both);
  auto const refusals = refused(native::both);
  for (double const bad : {-1.0, not_a_number, infinity, -infinity}) native::both.observe(bad);
  EXPECT_EQ(value(native::both), before);
  EXPECT_EQ(refused(native::both) - refusals, 4U);
}

TEST(Native, BesideClassicBucketsCountsInBoth) {
  stele::testing::delta const change(native::both);
  for (double const each : {0.0, 0.5, 0.75, 2.0, 1000.0}) native::both.observe(each);
  native::both.observe(std::chrono::milliseconds(500));
  auto const seen = change.value();
  EXPECT_EQ(seen.buckets, (counts{3, 1, 1, 1}));
  EXPECT_EQ(seen.count, 6U);
  EXPECT_EQ(seen.sum, 1003.75);
  EXPECT_EQ(seen.native.zero_count, 1U);
  EXPECT_EQ(seen.native.positive, (buckets{{-8, 2}, {-3, 1}, {8, 1}, {80, 1}}));
}

TEST(Native, BesideANegativeBoundTakesNegatives) {
  stele::testing::delta const change(native::change);
  for (double const each : {-4.0, -1.0, 0.5}) native::change.observe(each);
  native::change.observe(-infinity);
  auto const seen = change.value();
  EXPECT_EQ(seen.buckets, (counts{2, 1, 0}));
  EXPECT_EQ(seen.sum, -4.5);
  EXPECT_EQ(seen.native.negative, (buckets{{0, 1}, {16, 1}}));
  EXPECT_EQ(seen.native.positive, (buckets{{-8, 1}}));
}

TEST(Native, EachClosedSeriesHasItsOwn) {
  native::closed.with({.kind = native::kind::b}).observe(4.0);
  EXPECT_EQ(value(native::closed.with({.kind = native::kind::b})).native.positive,
            (buckets{{16, 1}}));
  EXPECT_EQ(value(native::closed.with({.kind = native::kind::a})).native.positive, buckets());
}

namespace {

/// Values over all doubles, or near each other.
std::vector<double> random_values(std::mt19937_64& random, int count) {
  std::vector<double> values;
  double const spread = std::exp2(static_cast<double>(random() % 12) - 3);
  std::normal_distribution<double> exponent(static_cast<double>(random() % 40) - 20, spread);
  bool const any_bits = random() % 4 == 0;
  for (int i = 0; i < count; ++i) {
    double const some = any_bits ? std::bit_cast<double>(random())
                                 : std::exp2(exponent(random)) * (random() % 3 == 0 ? -1 : 1);
    if (!std::isnan(some)) values.push_back(some);
  }
  if (any_bits)
    for (double const special : {5e-324, -5e-324, largest, -largest, infinity, 0x1p-1022})
      values.push_back(special);
  return values;
}

/// Several threads, some of them ended and some alive at the time, each with a part of the values.
template <int Schema>
void expect_all_of_what_threads_observed() {
  std::mt19937_64 random(Schema + 100);
  for (int round = 0; round < 12; ++round) {
    auto const at = series<Schema>("threads " + std::to_string(round));
    std::vector<double> all;
    std::atomic<int> observed{0};
    std::atomic<bool> end{false};
    std::vector<std::thread> threads;
    int const count = 1 + static_cast<int>(random() % 4);
    for (int i = 0; i < count; ++i) {
      auto const values = random_values(random, 200);
      all.insert(all.end(), values.begin(), values.end());
      bool const stays = random() % 2 == 0;
      threads.emplace_back([&, at, values, stays] {
        for (double const each : values) at.observe(each);
        ++observed;
        while (stays && !end) std::this_thread::sleep_for(std::chrono::milliseconds(1));
      });
    }
    while (observed != count) std::this_thread::yield();
    auto const alive = value(at);
    end = true;
    for (auto& thread : threads) thread.join();
    auto const ended = value(at);
    auto const expected = expected_of(all, Schema);
    ASSERT_EQ(alive.native, expected) << "schema " << Schema << ", round " << round;
    ASSERT_EQ(ended.native, expected) << "schema " << Schema << ", round " << round;
    ASSERT_EQ(ended.count, all.size());
  }
}

}  // namespace

// "at most 160 positions a sign, dense, for a thread's cells and for the merged snapshot alike, by
// halving the resolution in place"; folding at thread end keeps all counts.
TEST(Native, ThreadsPartsMergeToWhatOneWouldHaveAtEverySchema) {
  expect_all_of_what_threads_observed<-4>();
  expect_all_of_what_threads_observed<-3>();
  expect_all_of_what_threads_observed<-1>();
  expect_all_of_what_threads_observed<0>();
  expect_all_of_what_threads_observed<1>();
  expect_all_of_what_threads_observed<3>();
  expect_all_of_what_threads_observed<5>();
  expect_all_of_what_threads_observed<8>();
}

// "the exposed schema never rises during the process"
TEST(Native, TheSchemaNeverRises) {
  auto const at = series<8>("falling");
  int last = 8;
  double scale = 1;
  for (int i = 0; i < 200; ++i, scale *= 1.2) {
    std::thread([&] { at.observe(scale); }).join();
    if (i % 3 == 0) at.observe(1 / scale);
    auto const seen = value(at);
    ASSERT_LE(seen.native.schema, last);
    ASSERT_EQ(in_buckets(seen.native), seen.count);
    last = seen.native.schema;
  }
  EXPECT_LT(last, 4);
}

TEST(Native, ADeltaIsAtTheLaterSchema) {
  auto const at = series<8>("delta");
  for (int i = 0; i < 100; ++i) at.observe(1 + i * 0.002);
  stele::testing::delta const change(at);
  at.observe(1e9);
  auto const seen = change.value();
  EXPECT_EQ(seen.native.positive, (buckets{{index_of(1e9, seen.native.schema), 1}}));
  EXPECT_LT(seen.native.schema, 8);
}

// A removed series starts anew at the row's schema, which the one before had halved: what it had
// cannot be taken away from what is there now.
TEST(Native, ADeltaOverARemovalIsWhatCameSince) {
  auto const at = series<8>("anew");
  at.observe(1e-3);
  at.observe(1e3);
  at.observe(-5);
  at.observe(0);
  stele::testing::delta const change(at);
  ASSERT_LT(value(at).native.schema, 8);
  native::at_schema<8>.remove({.test = "anew"});
  EXPECT_EQ(change.value(), histogram_value{});
  at.observe(2);
  EXPECT_EQ(change.value(), value(at));
  EXPECT_EQ(change.value().native.schema, 8);
  // The same where it has as many as before, but other ones.
  for (int i = 0; i < 3; ++i) at.observe(2);
  EXPECT_EQ(change.value(), value(at));
  EXPECT_EQ(change.value().count, 4U);
}

TEST(Native, ANegativeValueInTheZeroBucketLowersTheSum) {
  auto const at = series("tiny");
  at.observe(1e-40);
  EXPECT_EQ(value(at).sum, 1e-40);
  at.observe(-2e-40);
  EXPECT_EQ(value(at).sum, -1e-40);
  EXPECT_EQ(value(at).native.zero_count, 2U);
}

// "A native-only row shows `+Inf`, `_sum`, `_count` in the text formats."
TEST(Native, AloneShowsInfinitySumAndCount) {
  series<3>("text").observe(2.5);
  EXPECT_TRUE(has(exposed(stele::format::text),
                  "native_schema_h_bucket{test=\"text\",le=\"+Inf\"} 1\n"
                  "native_schema_h_sum{test=\"text\"} 2.5\n"
                  "native_schema_h_count{test=\"text\"} 1\n"));
  EXPECT_TRUE(has(exposed(stele::format::openmetrics),
                  "native_schema_h_bucket{test=\"text\",le=\"+Inf\"} 1\n"
                  "native_schema_h_sum{test=\"text\"} 2.5\n"
                  "native_schema_h_count{test=\"text\"} 1\n"));
}

// "text formats show the classic one"
TEST(Native, BesideClassicBucketsShowsThose) {
  native::both.observe(0.1);
  std::string const text = exposed(stele::format::text);
  for (std::string const bound : {"0.5", "1", "2", "+Inf"})
    EXPECT_TRUE(has(text, "native_both_seconds_bucket{le=\"" + bound + "\"}")) << bound;
}

// A NaN is in no bucket, and never equal to the one that a scraper saw last.
TEST(Native, NaNGivesNoExemplar) {
  auto const at = series("exemplar");
  auto const before = refused(at);
  at.observe(1.0, {{"trace_id", "a"}});
  at.observe(not_a_number, {{"trace_id", "b"}});
  EXPECT_EQ(value(at).count, 2U);
  EXPECT_EQ(refused(at) - before, 1U);
  std::string const open = exposed(stele::format::openmetrics);
  EXPECT_TRUE(has(open, "{test=\"exemplar\",le=\"+Inf\"} 2 # {trace_id=\"a\"} 1.0 "));
}

// OpenMetrics: "`_sum` is never NaN or negative: a native-only row whose sum is one omits both."
TEST(Native, OpenMetricsShowsNoSumThatIsNegativeOrNaN) {
  series<3>("negative").observe(-2.5);
  series<3>("no number").observe(not_a_number);
  series<3>("infinite").observe(infinity);
  std::string const text = exposed(stele::format::text);
  EXPECT_TRUE(has(text, "native_schema_h_sum{test=\"negative\"} -2.5\n"));
  EXPECT_TRUE(has(text, "native_schema_h_sum{test=\"no number\"} NaN\n"));
  EXPECT_TRUE(has(text, "native_schema_h_count{test=\"no number\"} 1\n"));
  std::string const open = exposed(stele::format::openmetrics);
  for (std::string const labels : {"{test=\"negative\"", "{test=\"no number\""}) {
    EXPECT_TRUE(has(open, "native_schema_h_bucket" + labels + ",le=\"+Inf\"} 1\n"));
    EXPECT_FALSE(has(open, "native_schema_h_sum" + labels));
    EXPECT_FALSE(has(open, "native_schema_h_count" + labels));
  }
  EXPECT_TRUE(has(open, "native_schema_h_sum{test=\"infinite\"} +Inf\n"));
}

namespace {

struct order_of_threads {
  double alive;
  double ended;
};

/// The sum of what three threads observed, while they live and when they are folded.
template <class Instrument>
order_of_threads sums(Instrument const& at, int round) {
  std::atomic<int> observed{0};
  std::atomic<bool> end{false};
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i)
    threads.emplace_back([&, i] {
      at.observe(0.1 * (i + 1) + 1e-3 * round);
      ++observed;
      while (!end) std::this_thread::yield();
    });
  while (observed != 3) std::this_thread::yield();
  double const alive = value(at).sum;
  end = true;
  for (auto& thread : threads) thread.join();
  return {alive, value(at).sum};
}

}  // namespace

// "a double counter or sum is never exposed lower than before"; where a negative value was
// observed the sum falls, and says so.
TEST(Native, ASumFallsOnlyWithANegativeValue) {
  auto const at = series("sum");
  for (int round = 0; round < 60; ++round) {
    auto const [alive, ended] = sums(at, round);
    ASSERT_GE(ended, alive) << round;
  }
  double const before = value(at).sum;
  at.observe(-1.0);
  EXPECT_LT(value(at).sum, before);
}
