// What does it cost to find a series by two open labels, and to add one to it?
//
// Every key stands in several buffers of its own, visited in no order: an address never tells which
// series it is, so the text is what has to be found.

#include <bench.hpp>

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/registry.h>

#include <algorithm>
#include <deque>
#include <string>
#include <string_view>

#include "loop.hpp"

using bench::metric;

namespace {

struct key {
  std::string_view method;
  std::string_view path;
};

/// `count` label sets, 8 methods with count / 8 paths each, in as many buffers as make the number
/// of inputs a power of two.
std::vector<key> make_keys(std::size_t count, std::size_t inputs) {
  static std::deque<std::string> buffers;  // a view stays valid when another buffer is added
  static constexpr std::string_view methods[]{"GET",   "HEAD",   "POST",    "PUT",
                                              "PATCH", "DELETE", "OPTIONS", "TRACE"};
  std::mt19937_64 random(20'261'123);
  std::vector<key> made(inputs);
  for (std::size_t i = 0; i < inputs; ++i) {
    std::size_t const which = i % count;
    made[i].method = buffers.emplace_back(methods[which % 8]);
    made[i].path = buffers.emplace_back("/api/v2/workspaces/" + std::to_string(which / 8));
  }
  std::shuffle(made.begin(), made.end(), random);
  return made;
}

std::vector<key> const& few_keys() {
  static std::vector<key> const keys = make_keys(64, 256);
  return keys;
}

std::vector<key> const& many_keys() {
  static std::vector<key> const keys = make_keys(2'000, 8'192);
  return keys;
}

using rival_family = prometheus::Family<prometheus::Counter>;

rival_family& rival(char const* name) {
  static prometheus::Registry registry;
  return prometheus::BuildCounter().Name(name).Help("Requests.").Register(registry);
}

void find_and_add(benchmark::State& state, std::vector<key> const& keys, rival_family& family) {
  bench::repeat_over(state, keys, [&family](key const& each) {
    family.Add({{"method", std::string(each.method)}, {"path", std::string(each.path)}})
        .Increment();
  });
}

void open_label_64_stele(benchmark::State& state) {
  bench::repeat_over(state, few_keys(), [](key const& each) {
    metric<"bench_requests_total">.with({.method = each.method, .path = each.path}).inc();
  });
}

void open_label_64_prometheus_cpp(benchmark::State& state) {
  static rival_family& family = rival("requests_total");
  find_and_add(state, few_keys(), family);
}

void open_label_2000_stele(benchmark::State& state) {
  bench::repeat_over(state, many_keys(), [](key const& each) {
    metric<"bench_many_requests_total">.with({.method = each.method, .path = each.path}).inc();
  });
}

void open_label_2000_prometheus_cpp(benchmark::State& state) {
  static rival_family& family = rival("many_requests_total");
  find_and_add(state, many_keys(), family);
}

/// What a caller pays who keeps the handle.
void open_label_handle_stele(benchmark::State& state) {
  auto const handle = metric<"bench_requests_total">.with({.method = "GET", .path = "/kept"});
  bench::repeat(state, [&handle] { handle.inc(); });
}

void open_label_handle_prometheus_cpp(benchmark::State& state) {
  static prometheus::Counter& handle = rival("kept_total").Add({{"method", "GET"}, {"path", "/"}});
  bench::repeat(state, [] { handle.Increment(); });
}

}  // namespace

STELE_BENCH_1T(open_label_64_stele);
STELE_BENCH_1T(open_label_64_prometheus_cpp);
STELE_BENCH_2T(open_label_64_stele);
STELE_BENCH_2T(open_label_64_prometheus_cpp);
STELE_BENCH_1T(open_label_2000_stele);
STELE_BENCH_1T(open_label_2000_prometheus_cpp);
STELE_BENCH_1T(open_label_handle_stele);
STELE_BENCH_1T(open_label_handle_prometheus_cpp);
