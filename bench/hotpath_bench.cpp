// What does an update cost? Beside it stands the limit: a plain `++` through a thread-local
// pointer.

#include <coderd.hpp>

#include <benchmark/benchmark.h>

#include <array>
#include <cstddef>
#include <cstdint>

using coderd::metric;

namespace {

std::uint64_t plain_cell = 0;
constinit thread_local std::uint64_t* plain_pointer = nullptr;

/// Values that a compiler cannot foresee, made before anything is timed.
std::array<double, 1024> const& latencies() {
  static auto const values = [] {
    std::array<double, 1024> made{};
    for (std::size_t i = 0; i < made.size(); ++i)
      made[i] = static_cast<double>((i * 7919) % 32'768);
    return made;
  }();
  return values;
}

void limit_increment(benchmark::State& state) {
  plain_pointer = &plain_cell;
  for (auto _ : state) {
    if (plain_pointer != nullptr) ++*plain_pointer;
    benchmark::ClobberMemory();
  }
}

void counter_inc(benchmark::State& state) {
  for (auto _ : state) {
    metric<"coderd_rtc_client_connections_total">.inc();
    benchmark::ClobberMemory();
  }
}

void gauge_inc(benchmark::State& state) {
  for (auto _ : state) {
    metric<"coderd_rtc_workspace_connections_current">.inc();
    benchmark::ClobberMemory();
  }
}

void histogram_observe(benchmark::State& state) {
  auto const& values = latencies();
  std::size_t i = 0;
  for (auto _ : state) {
    metric<"coderd_db_sql_query_latencies_ms">.observe(values[i++ % values.size()]);
    benchmark::ClobberMemory();
  }
}

}  // namespace

BENCHMARK(limit_increment);
BENCHMARK(counter_inc)->ThreadRange(1, 2);
BENCHMARK(gauge_inc)->ThreadRange(1, 2);
BENCHMARK(histogram_observe)->ThreadRange(1, 2);

BENCHMARK_MAIN();
