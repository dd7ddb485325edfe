// What does a scrape cost, without a network?

#include <coderd.hpp>

#include <benchmark/benchmark.h>

#include <string>
#include <string_view>

namespace {

/// A row with `count` open series, gathered and rendered into memory.
void gather_and_expose(benchmark::State& state, stele::format format) {
  auto const count = static_cast<int>(state.range(0));
  for (int i = 0; i < count; ++i)
    coderd::metric<"coderd_api_requests_processed_total">
        .with({.code = "200", .method = "GET", .path = "/path/" + std::to_string(i)})
        .inc();
  std::size_t bytes = 0;
  for (auto _ : state) {
    bytes = 0;
    stele::expose(stele::gather<coderd::table>(), format,
                  [&](std::string_view chunk) { bytes += chunk.size(); });
  }
  state.counters["bytes"] = static_cast<double>(bytes);
  state.SetItemsProcessed(state.iterations() * count);
}

void text(benchmark::State& state) { gather_and_expose(state, stele::format::text); }
void openmetrics(benchmark::State& state) { gather_and_expose(state, stele::format::openmetrics); }

}  // namespace

BENCHMARK(text)->Arg(10'000);
BENCHMARK(openmetrics)->Arg(10'000);

BENCHMARK_MAIN();
