// Where native buckets begin and end: exactly where the arithmetic says.

#include <gtest/gtest.h>

#include <bit>
#include <boost/multiprecision/cpp_int.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>

#include "core/native_index.hpp"

using boost::multiprecision::cpp_int;
using stele::native_schema_max;
using stele::native_schema_min;
using stele::core::coarser_native_index;
using stele::core::finest_native_index;
using stele::core::native_zero_threshold;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double largest = std::numeric_limits<double>::max();
constexpr int parts = 256;  // buckets a power of two, at the finest schema

std::int64_t index_at(int schema, double magnitude) {
  return coarser_native_index(finest_native_index(magnitude), native_schema_max - schema);
}

}  // namespace

// "bucket i of schema n is (2^(2^-n·(i-1)), 2^(2^-n·i)]". The last double of bucket k is m * 2^-52
// where m^256 <= 2^(52 * 256 + k) < (m + 1)^256.
TEST(NativeIndex, EveryBorderOfTheFinestSchemaIsExact) {
  constexpr std::uint64_t one = std::uint64_t{1} << 52;
  for (int k = 0; k < parts; ++k) {
    std::uint64_t low = one;  // in bucket k or lower
    std::uint64_t high = 2 * one;
    while (high - low > 1) {
      std::uint64_t const middle = low + (high - low) / 2;
      (finest_native_index(std::ldexp(static_cast<double>(middle), -52)) <= k ? low : high) =
          middle;
    }
    cpp_int const border = cpp_int(1) << (52 * parts + k);
    ASSERT_LE(pow(cpp_int(low), parts), border) << k;
    ASSERT_GT(pow(cpp_int(low + 1), parts), border) << k;
    ASSERT_EQ(finest_native_index(std::ldexp(static_cast<double>(low), -52)), k);
    ASSERT_EQ(finest_native_index(std::ldexp(static_cast<double>(low + 1), -52)), k + 1);
  }
}

// The upper end is inclusive, at every power of two that a double can be.
TEST(NativeIndex, APowerOfTwoEndsItsBucketAtEverySchema) {
  for (int exponent = -127; exponent <= 1023; ++exponent) {
    double const border = std::ldexp(1.0, exponent);
    for (int schema = native_schema_min; schema <= native_schema_max; ++schema) {
      std::int64_t const steps = std::int64_t{1} << (schema < 0 ? -schema : schema);
      if (schema < 0 && exponent % steps != 0) continue;
      std::int64_t const expected = schema < 0 ? exponent / steps : exponent * steps;
      ASSERT_EQ(index_at(schema, border), expected) << exponent << " at " << schema;
      ASSERT_EQ(index_at(schema, std::nextafter(border, infinity)), expected + 1);
      ASSERT_EQ(index_at(schema, std::nextafter(border, 0)), expected);
    }
  }
}

// "±Inf in the overflow bucket": the one above the largest double's.
TEST(NativeIndex, InfinityIsOneAboveTheLargestDoubleAtEverySchema) {
  for (int schema = native_schema_min; schema <= native_schema_max; ++schema)
    EXPECT_EQ(index_at(schema, infinity), index_at(schema, largest) + 1) << schema;
  EXPECT_EQ(index_at(3, infinity), 8193);
}

TEST(NativeIndex, AgreesWithLogarithmsOverAllExponents) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 300'000; ++i) {
    double const value = std::bit_cast<double>(random() >> 1);
    if (!(value > native_zero_threshold && value <= largest)) continue;
    long double const exact = std::log2(static_cast<long double>(value));
    for (int schema = native_schema_min; schema <= native_schema_max; ++schema) {
      auto const expected = static_cast<std::int64_t>(std::ceil(std::ldexp(exact, schema)));
      ASSERT_EQ(index_at(schema, value), expected) << value << " at " << schema;
    }
  }
}
