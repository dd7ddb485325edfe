// What does an observation cost: of a histogram with eleven bounds, and of a summary?

#include <bench.hpp>

#include <prometheus/histogram.h>
#include <prometheus/summary.h>

#include <algorithm>
#include <array>
#include <bit>
#include <limits>

#include "loop.hpp"

using bench::metric;

namespace {

constexpr std::array bounds{0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0};

/// What the row in data/bench.md has too; the rival gets these.
static_assert(std::ranges::equal(bounds, bench::rows::bench_latency_seconds::about.bounds));

struct plain_histogram {
  double sum;
  std::array<std::uint64_t, bounds.size() + 1> buckets;
};
using limit_histogram = bench::own_cell<plain_histogram>;

void add(plain_histogram& cell, double value, std::size_t bucket) {
  ++cell.buckets[bucket];
  cell.sum += value;
}

void histogram_observe_limit_compare(benchmark::State& state) {
  limit_histogram::attach();
  bench::repeat_over(state, bench::durations(), [](double value) {
    std::size_t bucket = 0;
    for (double const bound : bounds) bucket += bound < value ? 1 : 0;
    add(*limit_histogram::pointer, value, bucket);
  });
}

/// The bounds, filled up to one less than a power of two, so that four steps find every bucket.
constexpr auto filled_bounds = [] {
  std::array<double, 15> filled{};
  filled.fill(std::numeric_limits<double>::infinity());
  std::ranges::copy(bounds, filled.begin());
  return filled;
}();

void histogram_observe_limit_halving(benchmark::State& state) {
  limit_histogram::attach();
  bench::repeat_over(state, bench::durations(), [](double value) {
    std::size_t bucket = 0;
    bucket += filled_bounds[bucket + 7] < value ? 8 : 0;
    bucket += filled_bounds[bucket + 3] < value ? 4 : 0;
    bucket += filled_bounds[bucket + 1] < value ? 2 : 0;
    bucket += filled_bounds[bucket] < value ? 1 : 0;
    add(*limit_histogram::pointer, value, bucket);
  });
}

void histogram_observe_stele(benchmark::State& state) {
  bench::repeat_over(state, bench::durations(),
                     [](double value) { metric<"bench_latency_seconds">.observe(value); });
}

void histogram_observe_prometheus_cpp(benchmark::State& state) {
  static prometheus::Histogram histogram({bounds.begin(), bounds.end()});
  bench::repeat_over(state, bench::durations(), [](double value) { histogram.Observe(value); });
}

/// 64 parts a power of two between 2^-30 and 2^30, for a relative error below 1 %.
struct plain_log_buckets {
  static constexpr std::uint64_t lowest = (1023 - 30) << 6;
  static constexpr std::uint64_t last = (60 << 6) - 1;
  double sum;
  std::array<std::uint32_t, last + 1> counts;

  void count(double value) {
    std::uint64_t const part = (std::bit_cast<std::uint64_t>(value) >> 46) - lowest;
    ++counts[std::min(part, last)];
  }
};
using limit_summary = bench::own_cell<plain_log_buckets>;

/// The bucket alone: no sum, no window, no consistency.
void summary_observe_limit(benchmark::State& state) {
  limit_summary::attach();
  bench::repeat_over(state, bench::durations(),
                     [](double value) { limit_summary::pointer->count(value); });
}

/// Each addition to a sum in memory waits for the one before.
void summary_observe_limit_with_sum(benchmark::State& state) {
  limit_summary::attach();
  bench::repeat_over(state, bench::durations(), [](double value) {
    limit_summary::pointer->count(value);
    limit_summary::pointer->sum += value;
  });
}

void summary_observe_stele(benchmark::State& state) {
  bench::repeat_over(state, bench::durations(),
                     [](double value) { metric<"bench_pause_seconds">.observe(value); });
}

void summary_observe_prometheus_cpp(benchmark::State& state) {
  static prometheus::Summary summary({{0.5, 0.05}, {0.9, 0.01}, {0.99, 0.001}});
  bench::repeat_over(state, bench::durations(), [](double value) { summary.Observe(value); });
}

}  // namespace

STELE_BENCH_1T(histogram_observe_limit_compare);
STELE_BENCH_1T(histogram_observe_limit_halving);
STELE_BENCH_1T(histogram_observe_stele);
STELE_BENCH_1T(histogram_observe_prometheus_cpp);
STELE_BENCH_2T(histogram_observe_stele);
STELE_BENCH_2T(histogram_observe_prometheus_cpp);
STELE_BENCH_1T(summary_observe_limit);
STELE_BENCH_1T(summary_observe_limit_with_sum);
STELE_BENCH_1T(summary_observe_stele);
STELE_BENCH_1T(summary_observe_prometheus_cpp);
STELE_BENCH_2T(summary_observe_stele);
STELE_BENCH_2T(summary_observe_prometheus_cpp);
