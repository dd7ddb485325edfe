// What does an increment cost while another processor scrapes without a pause?
//
// One thread increments a counter of coderd's table, all of whose 105 rows are in use. A second
// thread, on a processor of its own, scrapes that table back to back, or does work that shares
// nothing with the first: so what the two processors have in common anyway is in both times.

#include <pthread.h>
#include <sched.h>

#include <coderd.hpp>
#include <stele/serve.hpp>

#include <atomic>
#include <cstdint>
#include <string_view>
#include <thread>
#include <vector>

#include "every_row.hpp"
#include "http_reader.hpp"
#include "loop.hpp"

using coderd::metric;

namespace {

/// The processors that this program may use.
std::vector<int> const& processors() {
  static std::vector<int> const found = [] {
    cpu_set_t set;
    CPU_ZERO(&set);
    ::sched_getaffinity(0, sizeof set, &set);
    std::vector<int> allowed;
    for (int i = 0; i < CPU_SETSIZE; ++i)
      if (CPU_ISSET(i, &set)) allowed.push_back(i);
    return allowed;
  }();
  return found;
}

/// The calling thread, and those that it starts, stay on this processor.
void stay_on(int processor) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(processor, &set);
  ::pthread_setaffinity_np(::pthread_self(), sizeof set, &set);
}

struct other_work {
  void operator()() {
    for (int i = 0; i < 10'000; ++i) {
      number_ = number_ * 6'364'136'223'846'793'005U + 1;
      benchmark::DoNotOptimize(number_);
    }
  }
  std::uint64_t number_ = 1;
};

struct scrapes {
  void operator()() {
    stele::expose(stele::gather<coderd::table>(), stele::format::text,
                  [](std::string_view chunk) { benchmark::DoNotOptimize(chunk.data()); });
  }
};

/// The endpoint's thread is on the same processor as its client.
struct http_scrapes {
  void operator()() { reader_.scrape(); }
  stele::result<stele::endpoint> endpoint_ = stele::serve<coderd::table>({.port = 0});
  bench::http_reader reader_{endpoint_->port(), "identity"};
};

/// A thread that works on the second processor until the object ends.
template <class Work>
class beside {
 public:
  beside() : thread_(&beside::run, this) {
    while (rounds_.load() == 0) std::this_thread::yield();
  }
  ~beside() {
    stop_.store(true);
    thread_.join();
  }
  beside(beside const&) = delete;
  beside& operator=(beside const&) = delete;

  [[nodiscard]] std::size_t rounds() const { return rounds_.load(); }

 private:
  void run() {
    stay_on(processors()[1]);
    Work work;
    while (!stop_.load(std::memory_order_relaxed)) {
      work();
      rounds_.fetch_add(1, std::memory_order_relaxed);
    }
  }

  alignas(64) std::atomic<bool> stop_{false};
  alignas(64) std::atomic<std::size_t> rounds_{0};
  std::thread thread_;
};

template <class Work>
void inc(benchmark::State& state) {
  static bool const touched = (bench::touch_every_row<coderd::table>(8), true);
  static_cast<void>(touched);
  if (processors().size() < 2) return state.SkipWithError("expected two processors, saw one");
  stay_on(processors()[0]);
  beside<Work> const other;
  std::size_t const before = other.rounds();
  bench::repeat(state, [] { metric<"coderd_rtc_client_connections_total">.inc(); });
  state.counters["rounds"] = static_cast<double>(other.rounds() - before);
}

}  // namespace

BENCHMARK_TEMPLATE(inc, other_work)->Name("inc_beside_other_work");
BENCHMARK_TEMPLATE(inc, scrapes)->Name("inc_beside_scrapes");
BENCHMARK_TEMPLATE(inc, http_scrapes)->Name("inc_beside_http_scrapes");

BENCHMARK_MAIN();
