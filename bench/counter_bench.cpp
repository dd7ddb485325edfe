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

/// Exemplars come by themselves while it lives.
struct exemplar_source {
  exemplar_source() {
    stele::set_exemplar_source([](stele::exemplar_writer& labels) {
      labels.add("trace_id", "4bf92f3577b34da6a3ce929d0e0e4736");
    });
  }
  ~exemplar_source() { stele::clear_exemplar_source(); }
};

/// How many updates of a thread go the long way after a gather; see set_exemplar_source().
constexpr int samples = 65'536;

/// What nearly all updates cost where a source is set: the thread has given its samples.
void counter_inc_with_exemplar_source_stele(benchmark::State& state) {
  exemplar_source const source;
  for (int i = 0; i <= samples; ++i) metric<"bench_jobs_total">.inc();
  bench::repeat(state, [] { metric<"bench_jobs_total">.inc(); });
}

/// What those cost that go the long way.
void counter_inc_sampled_stele(benchmark::State& state) {
  exemplar_source const source;
  int left = 0;
  for (auto _ : state) {
    if (left-- == 0) {
      state.PauseTiming();
      static_cast<void>(stele::gather<bench::table>());
      left = samples - 1;
      state.ResumeTiming();
    }
    metric<"bench_jobs_total">.inc();
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations());
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
STELE_BENCH_1T(counter_inc_with_exemplar_source_stele);
STELE_BENCH_1T(counter_inc_sampled_stele);
STELE_BENCH_1T(counter_inc_prometheus_cpp);
STELE_BENCH_2T(counter_inc_limit_pointer);
STELE_BENCH_2T(counter_inc_stele);
STELE_BENCH_2T(counter_inc_prometheus_cpp);
STELE_BENCH_1T(closed_label_inc_stele);
STELE_BENCH_2T(closed_label_inc_stele);
STELE_BENCH_1T(closed_label_inc_from_array_limit);
STELE_BENCH_1T(closed_label_inc_from_array_stele);
