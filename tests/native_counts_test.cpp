// Adding up, halving and moving native buckets, against a map that forgets nothing.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <random>
#include <vector>

#include "core/native_counts.hpp"
#include "core/native_index.hpp"

using stele::native_schema_max;
using stele::native_schema_min;
using namespace stele::core;

namespace {

using buckets = std::map<std::int64_t, std::uint64_t>;

buckets not_empty(native_window const& window) {
  buckets found;
  for (std::int64_t i = 0; i < native_positions; ++i)
    if (auto const count = window.counts[static_cast<std::size_t>(i)])
      found[window.first + i] = count;
  return found;
}

/// What was observed, at the finest schema, and what any schema makes of it.
struct reference {
  std::array<buckets, 2> finest;

  [[nodiscard]] buckets at(std::size_t sign, int schema) const {
    buckets coarse;
    for (auto const& [index, count] : finest[sign])
      coarse[coarser_native_index(index, native_schema_max - schema)] += count;
    return coarse;
  }

  /// The highest schema, up to a row's, at which all fits.
  [[nodiscard]] int schema(int rows) const {
    for (int schema = rows;; --schema) {
      bool const fits = std::all_of(finest.begin(), finest.end(), [&](buckets const& sign) {
        if (sign.empty()) return true;
        int const steps = native_schema_max - schema;
        return coarser_native_index(sign.rbegin()->first, steps) -
                   coarser_native_index(sign.begin()->first, steps) <
               native_positions;
      });
      if (fits) return schema;
    }
  }
};

/// Magnitudes around a middle: close together, or over all that a double can be.
double magnitude(std::mt19937_64& random, double spread) {
  std::normal_distribution<double> exponent(0, spread);
  return std::exp2(std::clamp(exponent(random), -127.9, 1023.9));
}

void expect_equal(native_counts const& counts, reference const& expected, int rows) {
  ASSERT_EQ(counts.schema, expected.schema(rows));
  for (std::size_t sign = 0; sign < 2; ++sign)
    ASSERT_EQ(not_empty(counts.windows[sign]), expected.at(sign, counts.schema)) << sign;
}

}  // namespace

// "at most 160 positions a sign, dense, by halving the resolution in place"
TEST(NativeCounts, AreThoseOfTheHighestSchemaAtWhichAllFits) {
  std::mt19937_64 random(2);
  for (int row = native_schema_min; row <= native_schema_max; ++row)
    for (double const spread : {0.01, 0.3, 3.0, 30.0, 300.0}) {
      native_counts counts;
      counts.start(row);
      reference expected;
      for (int i = 0; i < 500; ++i) {
        std::int64_t const index = finest_native_index(magnitude(random, spread));
        std::size_t const sign = random() % 2;
        counts.add(sign, index, native_schema_max, 1);
        ++expected.finest[sign][index];
        if (i % 50 == 0) expect_equal(counts, expected, row);
      }
      expect_equal(counts, expected, row);
    }
}

// "halving sequence equals bucketing at the lower schema directly"
TEST(NativeCounts, HalvedAreThoseOfTheLowerSchema) {
  std::mt19937_64 random(3);
  for (int round = 0; round < 100; ++round) {
    native_counts counts;
    counts.start(native_schema_max);
    reference expected;
    double const centre = magnitude(random, 200);
    for (int i = 0; i < 200; ++i) {
      double const value = centre * std::exp2(static_cast<double>(random() % 128) / 256);
      if (!(value > native_zero_threshold)) continue;
      counts.add(native_counts::positive, finest_native_index(value), native_schema_max, 1);
      ++expected.finest[0][finest_native_index(value)];
    }
    ASSERT_EQ(counts.schema, native_schema_max);
    while (counts.schema > native_schema_min) {
      counts.halve();
      ASSERT_EQ(not_empty(counts.windows[0]), expected.at(0, counts.schema)) << counts.schema;
    }
  }
}

// Threads' parts of different schemas and windows merge into one, in any order.
TEST(NativeCounts, MergedInAnyOrderAreThoseOfOneThatSawAll) {
  std::mt19937_64 random(4);
  for (int round = 0; round < 200; ++round) {
    int const row = static_cast<int>(random() % 13) - 4;
    reference expected;
    std::vector<native_counts> parts(1 + random() % 5);
    std::uint64_t zeros = 0;
    for (auto& part : parts) {
      part.start(row);
      double const centre = magnitude(random, 100);
      double const spread = std::exp2(static_cast<double>(random() % 10) - 5);
      for (int i = 0; i < 100; ++i) {
        double const value = centre * magnitude(random, spread);
        if (!(value > native_zero_threshold) || std::isinf(value)) {
          ++part.zero_count;
          ++zeros;
          continue;
        }
        std::size_t const sign = random() % 4 == 0;
        part.add(sign, finest_native_index(value), native_schema_max, 1);
        ++expected.finest[sign][finest_native_index(value)];
      }
    }
    std::shuffle(parts.begin(), parts.end(), random);
    native_counts total;
    total.start(row);
    for (auto const& part : parts) total.add(part);
    expect_equal(total, expected, row);
    ASSERT_EQ(total.zero_count, zeros);
  }
}

TEST(NativeCounts, OfAllDoublesAtOnceFit) {
  native_counts counts;
  counts.start(native_schema_max);
  for (std::size_t const sign : {native_counts::positive, native_counts::negative}) {
    counts.add(sign, finest_native_index(std::nextafter(native_zero_threshold, 1)),
               native_schema_max, 1);
    counts.add(sign, finest_native_index(std::numeric_limits<double>::infinity()),
               native_schema_max, 1);
  }
  EXPECT_EQ(counts.schema, -3);
  EXPECT_EQ(not_empty(counts.windows[0]), (buckets{{-15, 1}, {129, 1}}));
  EXPECT_EQ(not_empty(counts.windows[1]), (buckets{{-15, 1}, {129, 1}}));
}
