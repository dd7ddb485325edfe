#include <stele/bucket_search.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <random>
#include <utility>

namespace {

template <std::size_t Bounds>
void expect_the_first_bucket_that_holds_the_value() {
  std::mt19937_64 random(Bounds);
  std::array<double, Bounds> bounds{};
  for (double& bound : bounds) bound = static_cast<double>(random() % 100'000) / 16 - 1000;
  std::sort(bounds.begin(), bounds.end());
  stele::bucket_search<Bounds> const search(bounds);
  auto const expect = [&](double value) {
    auto const first = std::lower_bound(bounds.begin(), bounds.end(), value);
    ASSERT_EQ(search(value), static_cast<std::size_t>(first - bounds.begin()))
        << value << " of " << Bounds;
  };
  constexpr double infinity = std::numeric_limits<double>::infinity();
  for (double const bound : bounds)
    for (double const value :
         {bound, std::nextafter(bound, infinity), std::nextafter(bound, -infinity)})
      expect(value);
  for (double const value : {0.0, -0.0, 1e-310, 1e308, -1e308, infinity, -infinity}) expect(value);
  for (int i = 0; i < 1000; ++i) expect(static_cast<double>(random() % 200'000) / 16 - 2000);
}

}  // namespace

// Prometheus: a bucket's `le` bound is inclusive. Around the numbers at which the search changes.
TEST(BucketSearch, FindsTheFirstBucketThatHoldsTheValue) {
  [&]<std::size_t... Bounds>(std::index_sequence<Bounds...>) {
    (expect_the_first_bucket_that_holds_the_value<Bounds>(), ...);
  }(std::index_sequence<0, 1, 2, 3, 4, 5, 8, 11, 12, 16, 31, 32, 33, 47, 48, 49, 63, 64, 65, 100,
                        128, 255, 499, 500>());
}
