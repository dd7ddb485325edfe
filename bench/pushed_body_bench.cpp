// What does it cost to read what an agent pushes? Bundles of 100 samples, two labels each, HELP and
// TYPE for each family: the text that differs from the last one in numbers alone, and text that is
// read for the first time.
//
// An operation is a whole body; `per_sample` is what is compared.

#include <benchmark/benchmark.h>

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "agents/body_reader.hpp"
#include "agents/shape_cache.hpp"

namespace {

using namespace stele::pushing;

constexpr int samples = 100;
constexpr int series_per_family = 10;

std::string body_of(int round, std::string const& version) {
  std::string body;
  for (int i = 0; i < samples; ++i) {
    std::string const name = "agent_network_bytes_" + std::to_string(i / series_per_family);
    if (i % series_per_family == 0)
      body += "# HELP " + name + " Bytes since the agent began.\n# TYPE " + name + " gauge\n";
    body += name + "{interface=\"eth" + std::to_string(i) + "\",direction=\"" + version + "\"} " +
            std::to_string(1000003 * (round + 1) * (i + 1)) + (i % 3 == 0 ? ".25" : "") + "\n";
  }
  return body;
}

std::vector<std::pair<std::string, std::string>> const group{
    {"job", "agent"}, {"user_id", "u"}, {"workspace_id", "w"}};

void set_counters(benchmark::State& state) {
  state.counters["per_sample"] =
      benchmark::Counter(samples * static_cast<double>(state.iterations()),
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void same_shape(benchmark::State& state) {
  body_reader reads(push_limits{}, std::make_shared<shape_cache>());
  std::string const bodies[]{body_of(0, "received"), body_of(12, "received")};
  body_description const about{.group_labels = group};
  std::shared_ptr<shape const> last = std::get<bundle>(reads.read(bodies[0], about, nullptr)).of;
  std::size_t i = 0;
  for (auto _ : state) {
    auto read = reads.read(bodies[++i & 1], about, last);
    benchmark::DoNotOptimize(std::get<bundle>(read).values.data());
  }
  set_counters(state);
}
BENCHMARK(same_shape);

void another_shape(benchmark::State& state) {
  body_reader reads(push_limits{}, std::make_shared<shape_cache>());
  std::string const bodies[]{body_of(0, "received"), body_of(12, "sentsent")};
  body_description const about{.group_labels = group};
  std::size_t i = 0;
  for (auto _ : state) {
    auto read = reads.read(bodies[++i & 1], about, nullptr);
    benchmark::DoNotOptimize(std::get<bundle>(read).values.data());
  }
  set_counters(state);
}
BENCHMARK(another_shape);

}  // namespace

BENCHMARK_MAIN();
