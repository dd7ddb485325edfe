// Where memory is short: a push that lacks some leaves everything as it was. And where it is not: a
// scrape in a steady state takes none. This program's malloc fails from a chosen call on.

#include <gtest/gtest.h>
#include <malloc.h>

#include <atomic>
#include <cerrno>
#include <cstddef>

#include "agents/body_reader.hpp"
#include "agents/shape_cache.hpp"
#include "pushed_bundles.hpp"

using namespace pushed;
using pushing::outcome;

extern "C" {
void* __libc_malloc(std::size_t bytes);
void* __libc_memalign(std::size_t alignment, std::size_t bytes);
}

namespace {

constexpr int endless = 1 << 30;
constinit std::atomic<int> calls_left{endless};

bool is_served() noexcept {
  if (calls_left.load(std::memory_order_relaxed) == endless) return true;
  return calls_left.fetch_sub(1, std::memory_order_relaxed) > 0;
}

}  // namespace

extern "C" {
void* malloc(std::size_t bytes) { return is_served() ? __libc_malloc(bytes) : nullptr; }
int posix_memalign(void** memory, std::size_t alignment, std::size_t bytes) {
  *memory = is_served() ? __libc_memalign(alignment, bytes) : nullptr;
  return *memory == nullptr ? ENOMEM : 0;
}
}

namespace {

/// Pushes with memory for 0, 1, 2, … calls of malloc until it is applied; how many that were. Until
/// then, a scrape and the counts are as before.
int push_with_ever_more_memory(pushed_store& agents, pushing::push const& what,
                               std::string_view expected_after) {
  std::string const before = agents.text();
  auto const counts = agents->count(now);
  for (int calls = 0; calls < 10'000; ++calls) {
    calls_left = calls;
    auto const done = agents->apply(what, now);
    calls_left = endless;
    if (done.is == outcome::kind::applied) {
      auto const after = agents.shows(expected_after);
      EXPECT_TRUE(after) << after.message();
      return calls;
    }
    EXPECT_EQ(done.is, outcome::kind::no_memory);
    EXPECT_FALSE(done.claimed);
    std::string const text = agents.text();
    EXPECT_EQ(text, before) << calls;
    auto const now_counts = agents->count(now);
    EXPECT_EQ(now_counts.series, counts.series);
    EXPECT_EQ(now_counts.workspaces, counts.workspaces);
    EXPECT_EQ(now_counts.ended_workspaces, counts.ended_workspaces);
    if (text != before) return -1;
  }
  ADD_FAILURE() << "never enough memory";
  return -1;
}

pushing::push push_of(std::string_view workspace, pushing::bundle what,
                      pushing::replace how = pushing::replace::all) {
  return {"u1", workspace, "job=agent", "region=\"eu\"", how, std::move(what), {}, 1'000};
}

}  // namespace

TEST(AgentsMemory, LeavesAllAsItWasWhereAPushLacksIt) {
  pushed_store agents;
  auto const first = push_of("w1", bundle_of({gauge("jobs", {{"a=\"1\"", 1}, {"a=\"2\"", 2}}),
                                              counter("runs_total", {{"", 3, 1'500}}),
                                              histogram("wait", {buckets("", {1}, {1, 0}, 1)})}));
  EXPECT_GT(push_with_ever_more_memory(agents, first, R"(
    coderd_workspace_jobs{user_id="u1",workspace_id="w1",a="1",region="eu"} 1
    coderd_workspace_jobs{user_id="u1",workspace_id="w1",a="2",region="eu"} 2
    coderd_workspace_runs_total{user_id="u1",workspace_id="w1",region="eu"} 3
    coderd_workspace_wait_bucket{user_id="u1",workspace_id="w1",region="eu",le="1"} 1
    coderd_workspace_wait_bucket{user_id="u1",workspace_id="w1",region="eu",le="+Inf"} 1
    coderd_workspace_wait_sum{user_id="u1",workspace_id="w1",region="eu"} 1
    coderd_workspace_wait_count{user_id="u1",workspace_id="w1",region="eu"} 1
  )"),
            20);
  // The same shape needs none.
  EXPECT_EQ(push_with_ever_more_memory(agents, first, agents.text()), 0);
  // A family of another type, one of other buckets, others that end or come.
  auto const second = push_of("w1", bundle_of({counter("jobs", {{"a=\"2\"", 5}}),
                                               histogram("wait", {buckets("", {2}, {1, 1}, 4)}),
                                               gauge("load", {{"b=\"1\"", 6}})}));
  EXPECT_GT(push_with_ever_more_memory(agents, second, R"(
    coderd_workspace_jobs{user_id="u1",workspace_id="w1",a="2",region="eu"} 5
    coderd_workspace_wait_bucket{user_id="u1",workspace_id="w1",region="eu",le="2"} 1
    coderd_workspace_wait_bucket{user_id="u1",workspace_id="w1",region="eu",le="+Inf"} 2
    coderd_workspace_wait_sum{user_id="u1",workspace_id="w1",region="eu"} 4
    coderd_workspace_wait_count{user_id="u1",workspace_id="w1",region="eu"} 2
    coderd_workspace_load{user_id="u1",workspace_id="w1",b="1",region="eu"} 6
  )"),
            20);
  auto const post =
      push_of("w1", bundle_of({gauge("load", {{"b=\"2\"", 7}})}), pushing::replace::families);
  std::string expected = agents.text();
  expected.replace(expected.find("b=\"1\",region=\"eu\"} 6"), 20, "b=\"2\",region=\"eu\"} 7");
  EXPECT_GT(push_with_ever_more_memory(agents, post, expected), 10);
}

TEST(AgentsMemory, LeavesWhatIsJoinedAsItWas) {
  pushed_store agents({.rules = {.drop_labels = {"workspace_id", "region", "a"}}});
  agents.push({.workspace = "w1"}, {counter("runs_total", {{"a=\"1\"", 10}}),
                                    histogram("wait", {native("", 1, 1, {3, 4}, 2, 5)})});
  auto const second = push_of(
      "w2", bundle_of({counter("runs_total", {{"a=\"1\"", 1}, {"a=\"2\"", 2}, {"b=\"1\"", 3}}),
                       histogram("wait", {native("", 0, 1, {5, 0, 6}, 1, 7)})}));
  std::string_view const both = R"(
    coderd_workspace_runs_total{user_id="u1"} 13
    coderd_workspace_runs_total{user_id="u1",b="1"} 3
    coderd_workspace_wait_bucket{user_id="u1",le="+Inf"} 21
    coderd_workspace_wait_sum{user_id="u1"} 12
    coderd_workspace_wait_count{user_id="u1"} 21
  )";
  EXPECT_GT(push_with_ever_more_memory(agents, second, both), 20);
  // Native buckets that grow need some, in the same shape, too.
  auto later = second;
  later.what.values =
      bundle_of({counter("runs_total", {{"", 1}, {"", 2}, {"", 4}}),
                 histogram("wait", {native("", 0, 1, {5, 0, 6, 0, 0, 0, 8}, 1, 8)})})
          .values;
  EXPECT_GT(push_with_ever_more_memory(agents, later, R"(
    coderd_workspace_runs_total{user_id="u1"} 13
    coderd_workspace_runs_total{user_id="u1",b="1"} 4
    coderd_workspace_wait_bucket{user_id="u1",le="+Inf"} 29
    coderd_workspace_wait_sum{user_id="u1"} 13
    coderd_workspace_wait_count{user_id="u1"} 29
  )"),
            0);
}

// A claim of a workspace that is not known cannot be remembered then; what is known ends.
TEST(AgentsMemory, EndsAWorkspaceWithoutMemory) {
  pushed_store agents;
  agents.push({.workspace = "w1"}, {gauge("jobs", {{"", 1}})});
  calls_left = 0;
  auto const unknown = agents->release_workspace("w2", 5'000);
  auto const known = agents->release_workspace("w1", 5'000);
  bool const more = agents->reclaim(now, 10);
  calls_left = endless;
  EXPECT_EQ(unknown, std::nullopt);
  EXPECT_EQ(known, std::nullopt);
  EXPECT_FALSE(more);
  EXPECT_EQ(agents.text(), "");
}

// There may be no body after a large one for a long time.
TEST(AgentsMemory, KeepsNothingOfAnUnusualBody) {
  auto const in_use = [] {
    auto const all = mallinfo2();
    return all.uordblks + all.hblkhd;
  };
  std::string body = "# TYPE h histogram\n";
  for (int i = 0; i < 400'000; ++i) body += "h_bucket{le=\"1\"} 1\n";
  for (std::size_t const buckets_max : {512, 1'000'000}) {
    pushing::push_limits const limits{.buckets_per_histogram_max = buckets_max};
    pushing::body_reader reads(limits, std::make_shared<pushing::shape_cache>());
    static_cast<void>(reads.read("x 1\n", {}, nullptr));
    std::size_t const before = in_use();
    bool const is_read = std::holds_alternative<pushing::bundle>(reads.read(body, {}, nullptr));
    EXPECT_EQ(is_read, buckets_max > 512);
    EXPECT_LT(in_use(), before + (std::size_t{1} << 20));
  }
}

// No allocation in a steady state: of a scrape, and of a push of the same shape.
TEST(AgentsMemory, NeedsNoneInASteadyState) {
  for (bool const joins : {false, true}) {
    pushed_store agents({.rules = {.drop_labels = joins ? std::vector<std::string>{"workspace_id"}
                                                        : std::vector<std::string>{}}});
    auto const bundle = bundle_of({counter("runs_total", {{"a=\"1\"", 1}, {"a=\"2\"", 2}}),
                                   histogram("wait", {buckets("", {1}, {1, 0}, 1)})});
    for (int i = 0; i < 100; ++i) agents.push({.workspace = "w" + std::to_string(i)}, bundle);
    auto const again = push_of("w7", bundle);
    agents->apply(again, now);
    std::size_t bytes = 0;
    auto const scrape = [&] {
      stele::expose(stele::gather<sample::table>(), stele::format::text,
                    [&](std::string_view chunk) { bytes += chunk.size(); });
    };
    for (int i = 0; i < 3; ++i) scrape();
    calls_left = 1'000'000;
    for (int i = 0; i < 10; ++i) {
      scrape();
      agents->apply(again, now);
    }
    EXPECT_EQ(calls_left.exchange(endless), 1'000'000) << joins;
    EXPECT_GT(bytes, 5'000U);
  }
}
