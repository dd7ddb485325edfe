// What does an update cost where it stands between other work, as in a service?
//
// Two kinds of work, each timed alone as well: `hash` is a chain of multiplications in registers,
// `walk` follows a table of 256 KiB in no order, whose loads miss the first cache. An update's
// price is what it adds to the work.

#include <bench.hpp>

#include <prometheus/counter.h>
#include <prometheus/histogram.h>

#include <algorithm>
#include <bit>
#include <numeric>

#include "loop.hpp"

using bench::metric;

namespace {

struct no_update {
  static void attach() {}
  static void run(double) {}
};

struct limit_counter {
  using cell = bench::own_cell<std::uint64_t>;
  static void attach() { cell::attach(); }
  static void run(double) { ++*cell::pointer; }
};

struct stele_counter {
  static void attach() {}
  static void run(double) { metric<"bench_jobs_total">.inc(); }
};

struct rival_counter {
  static inline prometheus::Counter counter;
  static void attach() {}
  static void run(double) { counter.Increment(); }
};

struct stele_histogram {
  static void attach() {}
  static void run(double value) { metric<"bench_latency_seconds">.observe(value); }
};

struct stele_summary {
  static void attach() {}
  static void run(double value) { metric<"bench_pause_seconds">.observe(value); }
};

struct rival_histogram {
  static inline prometheus::Histogram histogram{
      {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0}};
  static void attach() {}
  static void run(double value) { histogram.Observe(value); }
};

template <class Update>
void hash(benchmark::State& state) {
  Update::attach();
  std::uint64_t mixed = 1;
  bench::repeat_over(state, bench::durations(), [&mixed](double value) {
    for (std::uint64_t word = 1; word <= 8; ++word) {
      mixed = (mixed ^ (std::bit_cast<std::uint64_t>(value) + word)) * 0x9e37'79b9'7f4a'7c15;
      mixed ^= mixed >> 32;
    }
    Update::run(value);
  });
  benchmark::DoNotOptimize(mixed);
}

/// One cycle through all places.
std::vector<std::uint32_t> const& next_places() {
  static std::vector<std::uint32_t> const places = [] {
    std::vector<std::uint32_t> order(65'536);
    std::iota(order.begin(), order.end(), 0U);
    std::shuffle(order.begin(), order.end(), std::mt19937_64(20'261'123));
    std::vector<std::uint32_t> next(order.size());
    for (std::size_t i = 0; i < order.size(); ++i) next[order[i]] = order[(i + 1) % order.size()];
    return next;
  }();
  return places;
}

template <class Update>
void walk(benchmark::State& state) {
  Update::attach();
  std::uint32_t const* const next = next_places().data();
  std::uint32_t at = 0;
  bench::repeat_over(state, bench::durations(), [next, &at](double value) {
    for (int step = 0; step < 2; ++step) at = next[at];
    Update::run(value);
  });
  benchmark::DoNotOptimize(at);
}

}  // namespace

BENCHMARK_TEMPLATE(hash, no_update)->Name("hash_alone");
BENCHMARK_TEMPLATE(hash, limit_counter)->Name("hash_counter_limit");
BENCHMARK_TEMPLATE(hash, stele_counter)->Name("hash_counter_stele");
BENCHMARK_TEMPLATE(hash, rival_counter)->Name("hash_counter_prometheus_cpp");
BENCHMARK_TEMPLATE(hash, stele_histogram)->Name("hash_histogram_stele");
BENCHMARK_TEMPLATE(hash, rival_histogram)->Name("hash_histogram_prometheus_cpp");
BENCHMARK_TEMPLATE(hash, stele_summary)->Name("hash_summary_stele");
BENCHMARK_TEMPLATE(walk, no_update)->Name("walk_alone");
BENCHMARK_TEMPLATE(walk, limit_counter)->Name("walk_counter_limit");
BENCHMARK_TEMPLATE(walk, stele_counter)->Name("walk_counter_stele");
BENCHMARK_TEMPLATE(walk, rival_counter)->Name("walk_counter_prometheus_cpp");
BENCHMARK_TEMPLATE(walk, stele_histogram)->Name("walk_histogram_stele");
BENCHMARK_TEMPLATE(walk, rival_histogram)->Name("walk_histogram_prometheus_cpp");
BENCHMARK_TEMPLATE(walk, stele_summary)->Name("walk_summary_stele");
