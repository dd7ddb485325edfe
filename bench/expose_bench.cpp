// What does a scrape cost, without a network? Gathered and rendered into memory, beside the limit
// of the machine and beside prometheus-cpp, which have the same series and values.
//
// An operation is a whole scrape. All write to one buffer, which is there before.

#include <workspaces_100k.hpp>
#include <workspaces_1m.hpp>

#include <benchmark/benchmark.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "prepared_lines.hpp"
#include "workspaces_rival.hpp"

namespace {

constexpr std::size_t few = 100'000;
constexpr std::size_t many = 1'000'000;

/// The memory that is written to. Its pages are there.
class buffer {
 public:
  void operator()(std::string_view chunk) {
    if (chunk.size() > bytes_.size() - size_) throw std::length_error("an exposition too long");
    std::memcpy(bytes_.data() + size_, chunk.data(), chunk.size());
    size_ += chunk.size();
  }

  char* data() { return bytes_.data(); }
  void resize(std::size_t size) { size_ = size; }
  [[nodiscard]] std::string_view text() const { return {bytes_.data(), size_}; }

 private:
  std::vector<char> bytes_ = std::vector<char>(many * 200);
  std::size_t size_ = 0;
};

buffer& memory() {
  static buffer bytes;
  return bytes;
}

bench::prepared_lines const& few_lines() {
  static bench::prepared_lines const lines(few);
  return lines;
}

/// The samples of an exposition, `name{labels}` and value, sorted.
std::vector<std::pair<std::string_view, double>> samples(std::string_view text) {
  std::vector<std::pair<std::string_view, double>> found;
  while (!text.empty()) {
    auto const line = text.substr(0, text.find('\n') + 1);
    auto const space = line.rfind(' ');
    if (line[0] != '#')
      found.emplace_back(line.substr(0, space), std::stod(std::string(line.substr(space + 1))));
    text.remove_prefix(line.size());
  }
  std::sort(found.begin(), found.end());
  return found;
}

/// What is timed has to be the same work. (The rival writes some numbers with more digits.)
void check_same_samples(std::string_view text) {
  std::vector<char> limit(few_lines().bytes_max());
  auto const end = few_lines().write(limit.data());
  std::string_view const expected(limit.data(), static_cast<std::size_t>(end - limit.data()));
  if (samples(text) != samples(expected))
    throw std::logic_error("expected the same samples as the limit's");
}

void report(benchmark::State& state, std::size_t bytes) {
  state.counters["bytes"] = static_cast<double>(bytes);
  state.SetItemsProcessed(state.iterations());
}

template <class Table>
void expose(benchmark::State& state, stele::format format) {
  for (auto _ : state) {
    memory().resize(0);
    stele::expose(stele::gather<Table>(), format, memory());
    benchmark::ClobberMemory();
  }
  report(state, memory().text().size());
}

void make_few() {
  static bool const made = [] {
    bench::make_workspaces(workspaces_100k::metric<"coderd_workspace_cpu_usage_cores">, few);
    memory().resize(0);
    stele::expose(stele::gather<workspaces_100k::table>(), stele::format::text, memory());
    check_same_samples(memory().text());
    return true;
  }();
  static_cast<void>(made);
}

void expose_100k_limit(benchmark::State& state) {
  auto const& lines = few_lines();
  for (auto _ : state) {
    char* const end = lines.write(memory().data());
    memory().resize(static_cast<std::size_t>(end - memory().data()));
    benchmark::ClobberMemory();
  }
  report(state, memory().text().size());
}

void expose_100k_text_stele(benchmark::State& state) {
  make_few();
  expose<workspaces_100k::table>(state, stele::format::text);
}

void expose_100k_openmetrics_stele(benchmark::State& state) {
  make_few();
  expose<workspaces_100k::table>(state, stele::format::openmetrics);
}

void expose_100k_text_prometheus_cpp(benchmark::State& state) {
  static bench::rival_workspaces const rival(few);
  static bool const same = [] {
    check_same_samples(prometheus::TextSerializer().Serialize(rival.registry().Collect()));
    return true;
  }();
  static_cast<void>(same);
  std::size_t bytes = 0;
  for (auto _ : state) {
    std::string const text = prometheus::TextSerializer().Serialize(rival.registry().Collect());
    bytes = text.size();
    benchmark::ClobberMemory();
  }
  report(state, bytes);
}

void expose_1m_text_stele(benchmark::State& state) {
  static bool const made = [] {
    bench::make_workspaces(workspaces_1m::metric<"coderd_workspace_cpu_usage_cores">, many);
    return true;
  }();
  static_cast<void>(made);
  expose<workspaces_1m::table>(state, stele::format::text);
}

}  // namespace

BENCHMARK(expose_100k_limit);
BENCHMARK(expose_100k_text_stele);
BENCHMARK(expose_100k_openmetrics_stele);
BENCHMARK(expose_100k_text_prometheus_cpp);
BENCHMARK(expose_1m_text_stele);

BENCHMARK_MAIN();
