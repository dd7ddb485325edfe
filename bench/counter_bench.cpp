// What does an increment cost: of a counter without labels, and of one whose labels are closed?

#include <bench.hpp>

#include <prometheus/counter.h>

#include <array>

#include "loop.hpp"

using bench::metric;

namespace {

using plain = bench::own_cell<std::uint64_t>;
using plain_array = bench::own_cell<std::array<std::uint64_t, 8>>;

void counter_inc_limit_pointer(benchmark::State& state) {
  plain::attach();
  bench::repeat(state, [] { ++*plain::pointer; });
}

void counter_inc_limit_plain(benchmark::State& state) {
  plain::attach();  // so that the cell is seen by others, and cannot stay in a register
  bench::repeat(state, [] { ++plain::cell; });
}

void counter_inc_stele(benchmark::State& state) {
  bench::repeat(state, [] { metric<"bench_jobs_total">.inc(); });
}

/// Both threads on one.
prometheus::Counter& rival() {
  static prometheus::Counter counter;
  return counter;
}

void counter_inc_prometheus_cpp(benchmark::State& state) {
  auto& counter = rival();
  bench::repeat(state, [&counter] { counter.Increment(); });
}

void closed_label_inc_stele(benchmark::State& state) {
  bench::repeat(state, [] {
    metric<"bench_transfers_total">
        .with({.direction = bench::direction::out, .method = bench::method::PUT})
        .inc();
  });
}

/// Labels that are known only at run time.
struct closed_labels {
  bench::direction direction;
  bench::method method;
};

std::vector<closed_labels> const& prepared_labels() {
  static std::vector<closed_labels> const values = [] {
    std::mt19937_64 random(20'261'123);
    std::vector<closed_labels> made(bench::inputs_count);
    for (auto& each : made)
      each = {static_cast<bench::direction>(random() % 2),
              static_cast<bench::method>(random() % 4)};
    return made;
  }();
  return values;
}

void closed_label_inc_from_array_limit(benchmark::State& state) {
  plain_array::attach();
  bench::repeat_over(state, prepared_labels(), [](closed_labels const& labels) {
    ++(*plain_array::pointer)[static_cast<std::size_t>(labels.direction) * 4 +
                              static_cast<std::size_t>(labels.method)];
  });
}

void closed_label_inc_from_array_stele(benchmark::State& state) {
  bench::repeat_over(state, prepared_labels(),
                     [](closed_labels const& labels) {
                       metric<"bench_transfers_total">
        .with({.direction = labels.direction, .method = labels.method})
        .inc();
                     });
}

}  // namespace

STELE_BENCH_1T(counter_inc_limit_pointer);
STELE_BENCH_1T(counter_inc_limit_plain);
STELE_BENCH_1T(counter_inc_stele);
STELE_BENCH_1T(counter_inc_prometheus_cpp);
STELE_BENCH_2T(counter_inc_limit_pointer);
STELE_BENCH_2T(counter_inc_stele);
STELE_BENCH_2T(counter_inc_prometheus_cpp);
STELE_BENCH_1T(closed_label_inc_stele);
STELE_BENCH_2T(closed_label_inc_stele);
STELE_BENCH_1T(closed_label_inc_from_array_limit);
STELE_BENCH_1T(closed_label_inc_from_array_stele);
