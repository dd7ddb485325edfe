// What does a whole scrape cost over loopback HTTP, compressed? The same reader, the same series,
// and each library's own endpoint with its defaults.

#include <stele/serve.hpp>
#include <workspaces_100k.hpp>

#include <benchmark/benchmark.h>
#include <prometheus/exposer.h>

#include <exception>
#include <string>

#include "http_reader.hpp"
#include "workspaces_rival.hpp"

namespace {

constexpr std::size_t count = 100'000;

/// Why this server is not what is measured; empty where it is.
std::string fault_of(bench::http_reader& reader) {
  reader.scrape();
  if (reader.header().find("\r\ncontent-encoding: gzip") == std::string::npos)
    return "expected a body in gzip, saw another one";
  // The rival's endpoint has some metrics of its own.
  std::size_t const samples =
      bench::samples_of("coderd_workspace_cpu_usage_cores{", bench::gunzip(reader.body()));
  if (samples == count) return {};
  return "expected 100,000 samples, saw " + std::to_string(samples);
}

void scrape(benchmark::State& state, std::uint16_t port) {
  bench::http_reader reader(port, "gzip");
  if (auto const fault = fault_of(reader); !fault.empty())
    return state.SkipWithError(fault.c_str());
  for (auto _ : state) reader.scrape();
  state.counters["bytes"] = static_cast<double>(reader.body().size());
  state.SetItemsProcessed(state.iterations());
}

void scrape_100k_gzip_stele(benchmark::State& state) {
  static auto const endpoint = [] {
    bench::make_workspaces(workspaces_100k::metric<"coderd_workspace_cpu_usage_cores">, count);
    return stele::serve<workspaces_100k::table>({.port = 0});
  }();
  if (!endpoint) return state.SkipWithError(endpoint.error().message.c_str());
  scrape(state, endpoint->port());
}

void scrape_100k_gzip_prometheus_cpp(benchmark::State& state) {
  static bench::rival_workspaces const rival(count);
  static prometheus::Exposer exposer("127.0.0.1:0");
  static bool const registered = (exposer.RegisterCollectable(rival.shared()), true);
  static_cast<void>(registered);
  scrape(state, static_cast<std::uint16_t>(exposer.GetListeningPorts().front()));
}

}  // namespace

BENCHMARK(scrape_100k_gzip_stele)->UseRealTime();
BENCHMARK(scrape_100k_gzip_prometheus_cpp)->UseRealTime();

BENCHMARK_MAIN();
