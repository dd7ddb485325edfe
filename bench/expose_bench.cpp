// What does a scrape cost, without a network? Gathered and rendered into memory, beside the limit
// of the machine and beside prometheus-cpp, which have the same series and values.
//
// An operation is a whole scrape. All write to one buffer, which is there before.

#include <sys/mman.h>
#include <workspaces_100k.hpp>
#include <workspaces_1m.hpp>

#include <benchmark/benchmark.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
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

/// The memory that is written to. Its pages are there, and are large where the system has such: how
/// long it takes to find a page of 143 MB is not what an exposition costs, on any side.
class buffer {
 public:
  buffer() {
    ::madvise(bytes_.get(), size_max, MADV_HUGEPAGE);
    std::memset(bytes_.get(), 0, size_max);
  }

  void operator()(std::string_view chunk) {
    if (chunk.size() > size_max - size_) throw std::length_error("an exposition too long");
    std::memcpy(data() + size_, chunk.data(), chunk.size());
    size_ += chunk.size();
  }

  char* data() { return bytes_.get(); }
  void resize(std::size_t size) { size_ = size; }
  [[nodiscard]] std::string_view text() const { return {bytes_.get(), size_}; }

 private:
  static constexpr std::size_t large_page_bytes = 2 * 1024 * 1024;
  static constexpr std::size_t size_max = 100 * large_page_bytes;  // 143 MB are needed

  std::unique_ptr<char, decltype(&std::free)> bytes_{
      static_cast<char*>(std::aligned_alloc(large_page_bytes, size_max)), &std::free};
  std::size_t size_ = 0;
};

buffer& memory() {
  static buffer bytes;
  return bytes;
}

template <std::size_t Count>
bench::prepared_lines const& prepared() {
  static bench::prepared_lines const lines(Count);
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
  std::vector<char> limit(prepared<few>().bytes_max());
  auto const end = prepared<few>().write(limit.data());
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

/// Each chunk goes to the same place, as into a socket: what is left out is to write more memory
/// than the caches hold.
template <class Table>
void expose_streamed(benchmark::State& state) {
  for (auto _ : state) {
    stele::expose(stele::gather<Table>(), stele::format::text, [](std::string_view chunk) {
      memory().resize(0);
      memory()(chunk);
    });
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations());
}

template <class Table>
void gather(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(stele::gather<Table>().series_count());
  state.SetItemsProcessed(state.iterations());
}

template <std::size_t Count>
void limit(benchmark::State& state) {
  auto const& lines = prepared<Count>();
  for (auto _ : state) {
    char* const end = lines.write(memory().data());
    memory().resize(static_cast<std::size_t>(end - memory().data()));
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

void make_many() {
  static bool const made = [] {
    bench::make_workspaces(workspaces_1m::metric<"coderd_workspace_cpu_usage_cores">, many);
    return true;
  }();
  static_cast<void>(made);
}

void expose_100k_limit(benchmark::State& state) { limit<few>(state); }
void expose_1m_limit(benchmark::State& state) { limit<many>(state); }

void gather_100k_stele(benchmark::State& state) {
  make_few();
  gather<workspaces_100k::table>(state);
}

void gather_1m_stele(benchmark::State& state) {
  make_many();
  gather<workspaces_1m::table>(state);
}

void expose_100k_text_stele(benchmark::State& state) {
  make_few();
  expose<workspaces_100k::table>(state, stele::format::text);
}

void expose_100k_openmetrics_stele(benchmark::State& state) {
  make_few();
  expose<workspaces_100k::table>(state, stele::format::openmetrics);
}

/// Third parties judge the messages in the tests; here it is enough that all series are there.
void check_all_series(std::string_view messages) {
  std::string_view const owner = "customer-engineering-team-";
  std::size_t found = 0;
  for (auto at = messages.find(owner); at != messages.npos; at = messages.find(owner, at + 1))
    ++found;
  if (found != few) throw std::logic_error("expected all series in protobuf");
}

void expose_100k_protobuf_stele(benchmark::State& state) {
  make_few();
  expose<workspaces_100k::table>(state, stele::format::protobuf);
  check_all_series(memory().text());
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
  make_many();
  expose<workspaces_1m::table>(state, stele::format::text);
}

void expose_100k_streamed_stele(benchmark::State& state) {
  make_few();
  expose_streamed<workspaces_100k::table>(state);
}

void expose_1m_streamed_stele(benchmark::State& state) {
  make_many();
  expose_streamed<workspaces_1m::table>(state);
}

}  // namespace

BENCHMARK(expose_100k_limit);
BENCHMARK(expose_100k_text_stele);
BENCHMARK(expose_100k_openmetrics_stele);
BENCHMARK(expose_100k_protobuf_stele);
BENCHMARK(expose_100k_text_prometheus_cpp);
BENCHMARK(expose_1m_limit);
BENCHMARK(expose_1m_text_stele);
BENCHMARK(expose_100k_streamed_stele);
BENCHMARK(expose_1m_streamed_stele);
BENCHMARK(gather_100k_stele);
BENCHMARK(gather_1m_stele);

BENCHMARK_MAIN();
