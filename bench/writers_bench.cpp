// How long does a scrape take at worst while two threads update in a tight loop?
//
// All rows of coderd's table are in use. The writers never pause, so that every gather meets
// histograms and summaries in mid-update; between two gathers the gatherer sleeps, as it does
// between two scrapes. Counters of a bench: gathers; and in milliseconds of the wall median, p99,
// max; cpu_max is the worst processor time of the gathering thread alone, without the time for
// which somebody else had its processor.

#include <coderd.hpp>

#include <benchmark/benchmark.h>

#include <time.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <thread>
#include <vector>

#include "every_row.hpp"

using coderd::metric;

namespace {

constexpr stele::row_instrument<coderd::rows::coderd_agent_aggregator_collect_nanoseconds>
    summary{};

struct one_histogram {
  static void update(double value) { metric<"coderd_db_sql_query_latencies_ms">.observe(value); }
};

struct one_summary {
  static void update(double value) { summary.observe(value); }
};

/// A bit of everything.
struct mixed {
  static void update(double value) {
    one_histogram::update(value);
    one_summary::update(value);
    metric<"coderd_background_workspace_build_duration_s">
        .with({.workspace_transition = coderd::workspace_transition::stop,
               .status = coderd::status::failed})
        .observe(value);
    metric<"coderd_rtc_client_connections_total">.inc();
    metric<"coderd_rtc_workspace_connections_current">.set(static_cast<int>(value));
  }
};

/// Two threads that update until the object ends.
template <class Work>
class writers {
 public:
  writers() : first_(&writers::run, this), second_(&writers::run, this) {
    while (running_.load() != 2) std::this_thread::yield();
  }
  ~writers() {
    stop_.store(true);
    first_.join();
    second_.join();
  }
  writers(writers const&) = delete;
  writers& operator=(writers const&) = delete;

 private:
  void run() {
    running_.fetch_add(1);
    for (unsigned i = 0; !stop_.load(std::memory_order_relaxed); ++i)
      Work::update(static_cast<double>(i * 7919 % 32'768));
  }

  std::atomic<int> running_{0};
  std::atomic<bool> stop_{false};
  std::thread first_;
  std::thread second_;
};

double cpu_ms() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

double wall_ms() {
  auto const now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double, std::milli>(now).count();
}

template <class Work>
void gather(benchmark::State& state) {
  bench::touch_every_row<coderd::table>(8);
  writers<Work> const busy;
  std::vector<double> took;
  double cpu_max = 0;
  std::size_t series = 0;
  for (auto _ : state) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    double const cpu_before = cpu_ms();
    double const before = wall_ms();
    {
      stele::snapshot const now = stele::gather<coderd::table>();
      took.push_back(wall_ms() - before);
      series = now.series_count();
    }
    cpu_max = std::max(cpu_max, cpu_ms() - cpu_before);
    state.SetIterationTime(took.back() / 1e3);
  }
  std::sort(took.begin(), took.end());
  state.counters["gathers"] = static_cast<double>(took.size());
  state.counters["series"] = static_cast<double>(series);
  state.counters["median"] = took[took.size() / 2];
  state.counters["p99"] = took[took.size() * 99 / 100];
  state.counters["max"] = took.back();
  state.counters["cpu_max"] = cpu_max;
}

}  // namespace

BENCHMARK_TEMPLATE(gather, mixed)->Name("writers_mixed")->Iterations(500)->UseManualTime();
BENCHMARK_TEMPLATE(gather, one_histogram)
    ->Name("writers_histogram")
    ->Iterations(500)
    ->UseManualTime();
BENCHMARK_TEMPLATE(gather, one_summary)->Name("writers_summary")->Iterations(500)->UseManualTime();

BENCHMARK_MAIN();
