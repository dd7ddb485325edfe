// instructions: how many instructions an update takes; run under callgrind by bench/run.py.
//
//   instructions NAME CALLS      calls one_NAME() so often; callgrind counts inside it alone
//   instructions --list
//
// Each update is a function of its own, so that `ret` is counted, and a call is not. The first
// call, which attaches the thread, goes through another copy.

#include <bench.hpp>

#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/summary.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>

using bench::metric;

namespace {

thread_local std::uint64_t plain_cell = 0;
constinit thread_local std::uint64_t* plain_pointer = nullptr;

/// Read at run time, so that nothing is computed at compile time.
double volatile prepared_value = 0.03;
char const* volatile prepared_path = "/api/v2/workspaces/7";

/// The rival's instruments stand at addresses that the linker knows: no access to them is counted.
prometheus::Counter rival_counter;
prometheus::Histogram rival_histogram({0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10});

[[gnu::always_inline]] inline void counter_inc() { metric<"bench_jobs_total">.inc(); }

[[gnu::always_inline]] inline void closed_label_inc() {
  metric<"bench_transfers_total">
      .with({.direction = bench::direction::out, .method = bench::method::PUT})
      .inc();
}

[[gnu::always_inline]] inline void histogram_observe() {
  metric<"bench_latency_seconds">.observe(prepared_value);
}

[[gnu::always_inline]] inline void summary_observe() {
  metric<"bench_pause_seconds">.observe(prepared_value);
}

[[gnu::always_inline]] inline void open_label_inc() {
  metric<"bench_requests_total">.with({.method = "GET", .path = std::string_view(prepared_path)}).inc();
}

}  // namespace

// The names that callgrind looks for.
#define STELE_ONE(name, ...) \
  extern "C" [[gnu::noinline]] void one_##name() { __VA_ARGS__; }
STELE_ONE(counter_limit, ++*plain_pointer)
STELE_ONE(counter_inc, counter_inc())
STELE_ONE(counter_inc_prometheus_cpp, rival_counter.Increment())
STELE_ONE(closed_label_inc, closed_label_inc())
STELE_ONE(histogram_observe, histogram_observe())
STELE_ONE(histogram_observe_prometheus_cpp, rival_histogram.Observe(prepared_value))
STELE_ONE(summary_observe, summary_observe())
STELE_ONE(open_label_inc, open_label_inc())
#undef STELE_ONE

namespace {

struct update {
  std::string_view name;
  void (*call)();
};

constexpr update updates[]{
    {"counter_limit", one_counter_limit},
    {"counter_inc", one_counter_inc},
    {"counter_inc_prometheus_cpp", one_counter_inc_prometheus_cpp},
    {"closed_label_inc", one_closed_label_inc},
    {"histogram_observe", one_histogram_observe},
    {"histogram_observe_prometheus_cpp", one_histogram_observe_prometheus_cpp},
    {"summary_observe", one_summary_observe},
    {"open_label_inc", one_open_label_inc},
};

/// What happens once a thread: not under a name that callgrind looks for.
void attach() {
  plain_pointer = &plain_cell;
  counter_inc();
  closed_label_inc();
  histogram_observe();
  summary_observe();
  open_label_inc();
  rival_counter.Increment();
  rival_histogram.Observe(prepared_value);
}

}  // namespace

int main(int count, char** arguments) {
  std::string_view const name = count > 1 ? arguments[1] : "";
  if (name == "--list") {
    for (update const& each : updates)
      std::printf("%.*s\n", static_cast<int>(each.name.size()), each.name.data());
    return 0;
  }
  for (update const& each : updates) {
    if (count != 3 || each.name != name) continue;
    attach();
    for (int i = std::atoi(arguments[2]); i > 0; --i) each.call();
    return 0;
  }
  std::fprintf(stderr, "instructions: expected --list, or NAME CALLS with one of its names\n");
  return 2;
}
