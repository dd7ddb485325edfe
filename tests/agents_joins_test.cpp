// Series that are shown as one: what counts in them adds up, and never falls.

#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <random>
#include <vector>

#include "cardinality_case.hpp"

using namespace pushed;
using pushing::join_function;
using pushing::refusal_reason;

// To Prometheus a fall is a reset, and adds all that the others had counted to a rate.
TEST(AgentsJoins, KeepsWhatEndedSourcesHadCounted) {
  pushed_store agents({.ttl_ms = 5'000, .rules = keeping({no_labels, {}})});
  auto const first = bundle_of({counter("runs_total", {{"a=\"1\"", 100}, {"a=\"2\"", 1}})});
  auto const values = [](double a, double b) {
    return std::vector{counter("runs_total", {{"a=\"1\"", a}, {"a=\"2\"", b}})};
  };
  auto const shows = [&](int count) {
    auto const is = agents.shows("coderd_workspace_runs_total " + std::to_string(count));
    EXPECT_TRUE(is) << is.message();
  };
  agents.push({.workspace = "w1"}, first);
  agents.push({.workspace = "w2"}, {counter("runs_total", {{"", 10}})});
  shows(111);
  // It starts anew, with the same shape, and goes on from there.
  agents.push({.workspace = "w1"}, again(first, values(5, 2)));
  shows(100 + 5 + 2 + 10);
  agents.push({.workspace = "w1"}, again(first, values(7, 2)));
  shows(119);
  // It starts anew with another shape.
  agents.push({.workspace = "w1"}, {counter("runs_total", {{"a=\"1\"", 1}, {"a=\"3\"", 1}})});
  shows(119 + 2);
  // Another shape whose series go on is no start.
  agents.push({.workspace = "w1"}, {counter("runs_total", {{"a=\"1\"", 2}})});
  shows(122);
  // What says nothing counts nothing.
  agents.push({.workspace = "w1"},
              {counter("runs_total", {{"a=\"1\"", std::numeric_limits<double>::quiet_NaN()}})});
  shows(122);
  agents->remove_workspace("w1", 5'000);
  shows(122);
  while (agents->reclaim(now, 1)) continue;
  shows(122);
  now += 3'000;
  agents.push({.workspace = "w3"}, {counter("runs_total", {{"", 30}})});
  now += 2'001;  // w2 has expired
  shows(152);
  agents->reclaim(now, 10);
  shows(152);
  now += 600'000;
  agents.push({.workspace = "w3"}, {counter("runs_total", {{"", 30}})});
  agents->reclaim(now, 10);
  shows(152);
  // The last one takes all of it along, once it is forgotten.
  agents->remove_workspace("w3", 5'000);
  EXPECT_EQ(agents.text(), "");
  now += 600'000;
  agents->reclaim(now, 10);
  agents.push({.workspace = "w4"}, {counter("runs_total", {{"", 4}})});
  shows(4);
}

// Else all that it had counted before would be added again.
TEST(AgentsJoins, GoesOnWithASourceThatComesBack) {
  pushed_store agents({.ttl_ms = 5'000, .rules = keeping({no_labels, {}})});
  auto const runs = [](double count) { return std::vector{counter("runs_total", {{"", count}})}; };
  agents.push({.workspace = "w1"}, runs(1));
  agents.push({.workspace = "w2", .arrived = 1'000}, runs(1'000));
  EXPECT_SHOWN(agents, "coderd_workspace_runs_total 1001");
  EXPECT_EQ(agents->count(now).series, 1U);
  // It expires, is deleted, and is elsewhere for a while; others of its workspace come meanwhile.
  pushing::epoch at = 2'000;
  for (auto const& ends : std::vector<std::function<void()>>{
           [&] { now += 5'001; }, [&] { agents->remove_group("w2", "job=agent"); },
           [&] { agents->remove_workspace("w2", at); },
           [&] { agents->release_workspace("w2", ++at); }}) {
    ends();
    agents->reclaim(now, 10);
    now += 300'000;
    agents.push({.workspace = "w1"}, runs(1));
    agents.push({.workspace = "w2", .group = "job=other", .arrived = ++at}, {gauge("idle", {})});
    agents->reclaim(now, 10);
    EXPECT_SHOWN(agents, "coderd_workspace_runs_total 1001");
    EXPECT_EQ(agents->count(now).ended_workspaces, 0U);
    agents.push({.workspace = "w2", .arrived = ++at}, runs(1'000));
    EXPECT_SHOWN(agents, "coderd_workspace_runs_total 1001");
  }
  // It comes back having started anew.
  agents->remove_group("w2", "job=agent");
  agents.push({.workspace = "w2", .arrived = ++at}, runs(5));
  EXPECT_SHOWN(agents, "coderd_workspace_runs_total 1006");
  // Not for ever: after that it is a new one.
  agents->remove_group("w2", "job=agent");
  now += 600'000;
  agents.push({.workspace = "w1"}, runs(1));
  agents->reclaim(now, 10);
  agents.push({.workspace = "w2", .arrived = ++at}, runs(5));
  EXPECT_SHOWN(agents, "coderd_workspace_runs_total 1011");
}

TEST(AgentsJoins, JoinsACounterByAnotherFunctionWhereItIsStated) {
  pushed_store agents({.rules = keeping({no_labels, {}}, {{"*", join_function::max}})});
  agents.push({.workspace = "w1"}, {counter("runs_total", {{"", 5}})});
  agents.push({.workspace = "w2"}, {counter("runs_total", {{"", 3}})});
  EXPECT_SHOWN(agents, "coderd_workspace_runs_total 5");
  agents->remove_workspace("w1", 5'000);
  EXPECT_SHOWN(agents, "coderd_workspace_runs_total 3");
}

TEST(AgentsJoins, MergesHistograms) {
  pushed_store agents({.rules = keeping({no_labels, {}})});
  auto const first = bundle_of({histogram("wait", {buckets("", {1, 2}, {1, 2, 3}, 9)})});
  agents.push({.workspace = "w1"}, first);
  agents.push({.workspace = "w2"}, {histogram("wait", {buckets("", {1, 2}, {10, 0, 1}, 8)})});
  EXPECT_SHOWN(agents, R"(
    coderd_workspace_wait_bucket{le="1"} 11
    coderd_workspace_wait_bucket{le="2"} 13
    coderd_workspace_wait_bucket{le="+Inf"} 17
    coderd_workspace_wait_sum 17
    coderd_workspace_wait_count 17
  )");
  agents.push({.workspace = "w1"},
              again(first, {histogram("wait", {buckets("", {1, 2}, {1, 1, 4}, 1)})}));
  agents->remove_workspace("w2", 5'000);
  agents->reclaim(now, 10);
  EXPECT_SHOWN(agents, R"(
    coderd_workspace_wait_bucket{le="1"} 12
    coderd_workspace_wait_bucket{le="2"} 15
    coderd_workspace_wait_bucket{le="+Inf"} 23
    coderd_workspace_wait_sum 18
    coderd_workspace_wait_count 23
  )");
}

// Counts that no service has do not wrap: the scrape would be refused.
TEST(AgentsJoins, LeavesOutCountsThatWouldWrap) {
  pushed_store agents({.rules = keeping({no_labels, {}}, {{"pause", join_function::max}})});
  constexpr std::uint64_t half = std::uint64_t{1} << 61;
  for (int i = 0; i < 9; ++i)
    agents.push({.workspace = "w" + std::to_string(i)},
                {histogram("wait", {buckets("", {1}, {half, half / 2}, 1)}),
                 summary("pause", {quantiles("", {}, {}, 1, 2 * half)})});
  agents.push({.workspace = "more"}, {histogram("wait", {buckets("", {1}, {0, ~0ULL}, 1)})});
  EXPECT_SHOWN(agents, R"(
    coderd_workspace_pause_sum 1
    coderd_workspace_pause_count 4611686018427387904
    coderd_workspace_wait_bucket{le="1"} 2305843009213693952
    coderd_workspace_wait_bucket{le="+Inf"} 3458764513820540928
    coderd_workspace_wait_sum 1
    coderd_workspace_wait_count 3458764513820540928
  )");
}

// A counter at infinity never came back, and all that is joined with it neither.
TEST(AgentsJoins, AddsFiniteNumbersAlone) {
  pushed_store agents({.rules = keeping({no_labels, {}})});
  agents.push({.workspace = "w1"}, {counter("runs_total", {{"", 1}})});
  agents.push({.workspace = "w2"},
              {counter("runs_total", {{"", std::numeric_limits<double>::infinity()}})});
  EXPECT_SHOWN(agents, "coderd_workspace_runs_total 1");
  agents.push({.workspace = "w2"}, {counter("runs_total", {{"", 2}})});
  EXPECT_SHOWN(agents, "coderd_workspace_runs_total 3");
}

// A sum of doubles depends on their order; to Prometheus a fall by the last bit is a reset.
TEST(AgentsJoins, DoesNotFallByRounding) {
  pushed_store agents({.rules = keeping({no_labels, {}})});
  auto const shown = [] {
    auto const snapshot = stele::gather<sample::table>();
    return snapshot.data().floating(0);
  };
  std::mt19937 random{11};
  std::uniform_real_distribution<double> grows(0, 1);
  std::vector<double> counts(8);
  double last = 0;
  for (int i = 0; i < 2'000; ++i) {
    std::size_t const which = random() % counts.size();
    counts[which] = i % 3 == 0 ? 0 : counts[which] + grows(random);
    agents.push({.workspace = "w" + std::to_string(which)},
                {counter("runs_total", {{"", counts[which]}})});
    double const now_shown = shown();
    ASSERT_GE(now_shown, last) << i;
    last = now_shown;
  }
}

// Buckets that differ from the joined series' are refused, until nobody has the others.
TEST(AgentsJoins, RefusesOtherBuckets) {
  pushed_store agents({.rules = keeping({no_labels, {}})});
  auto const other = bundle_of({histogram("wait", {buckets("", {5}, {1, 1}, 9)})});
  agents.push({.workspace = "w1"}, {histogram("wait", {buckets("", {1, 2}, {1, 2, 3}, 9)})});
  for (int i = 0; i < 2; ++i) {
    auto const done = agents.push({.workspace = "w2"}, other);
    ASSERT_EQ(done.refused.size(), 1U);
    EXPECT_EQ(done.refused[0].reason, refusal_reason::value);
  }
  agents->remove_workspace("w1", 5'000);
  EXPECT_TRUE(agents.push({.workspace = "w2"}, other).refused.empty());
  EXPECT_SHOWN(agents, R"(
    coderd_workspace_wait_bucket{le="5"} 1
    coderd_workspace_wait_bucket{le="+Inf"} 2
    coderd_workspace_wait_sum 9
    coderd_workspace_wait_count 2
  )");
  // The only one that has them may change them; two in one push may not differ.
  EXPECT_TRUE(agents.push({.workspace = "w2"}, {histogram("wait", {buckets("", {7}, {1, 1}, 9)})})
                  .refused.empty());
  EXPECT_NE(agents.text().find("le=\"7\""), std::string::npos);
  EXPECT_EQ(agents.text().find("le=\"5\""), std::string::npos);
  EXPECT_EQ(
      agents
          .push({.workspace = "w2"}, {histogram("wait", {buckets("a=\"1\"", {7}, {1, 1}, 9),
                                                         buckets("a=\"2\"", {8}, {1, 1}, 9)})})
          .refused.size(),
      1U);
}

// Also where it comes back family by family.
TEST(AgentsJoins, GoesOnWithASourceThatIsPostedAgain) {
  pushed_store agents({.ttl_ms = 5'000, .rules = keeping({no_labels, {}})});
  pusher const post{.workspace = "w2", .how = pushing::replace::families};
  auto const runs = std::vector{counter("runs_total", {{"", 100}})};
  auto const jobs = std::vector{counter("jobs_total", {{"", 200}})};
  auto const both = [&](bool has_jobs) {
    EXPECT_SHOWN(agents, std::string(has_jobs ? "coderd_workspace_jobs_total 201\n" : "") +
                             "coderd_workspace_runs_total 101");
  };
  auto const first =
      std::vector{counter("runs_total", {{"", 1}}), counter("jobs_total", {{"", 1}})};
  agents.push({.workspace = "w1"}, first);
  agents.push(post, runs);
  agents.push(post, jobs);
  both(true);
  now += 5'001;
  agents->reclaim(now, 10);
  // w1 and jobs_total are away.
  agents.push(post, runs);
  both(false);
  EXPECT_EQ(agents->count(now).series, 1U);
  agents->reclaim(now, 10);
  now += 4'000;
  agents.push(post, std::vector<family>{});
  both(false);
  agents.push({.workspace = "w1"}, first);
  agents.push(post, jobs);
  both(true);
}

// What is remembered of a workspace has the bounds of what it may have.
TEST(AgentsJoins, RemembersAsManyGroupsAsAWorkspaceMayHave) {
  for (bool const by_series : {false, true}) {
    pushed_store agents({.limits = {.groups_per_workspace_max = by_series ? 1'000U : 4U,
                                    .series_per_workspace_max = by_series ? 4U : 1'000U},
                         .rules = keeping({no_labels, {}})});
    agents.push({.workspace = "stays"}, {counter("runs_total", {{"", 1}})});
    auto const come_and_go = [&](int from, int to) {
      for (int i = from; i < to; ++i) {
        std::string const group = "instance=" + std::to_string(i);
        agents.push({.group = group}, {counter("runs_total", {{"", 1}})});
        agents->remove_group("w1", group);
      }
    };
    come_and_go(0, 100);
    auto const before = agents->count(now).bytes;
    come_and_go(100, 500);
    EXPECT_LT(agents->count(now).bytes, before + 4'000);
    EXPECT_SHOWN(agents, "coderd_workspace_runs_total 501");
  }
}

// A group that is remembered holds nothing of a family of which its series were taken out.
TEST(AgentsJoins, ForgetsAFamilyWhoseSeriesWereInTheWay) {
  pushed_store agents({.rules = keeping({no_labels, {}}, {{"*", join_function::last}})});
  agents.push({.workspace = "w1"}, {histogram("wait", {buckets("", {1, 2}, {1, 2, 3}, 9)}),
                                    counter("runs_total", {{"", 1}})});
  agents->remove_workspace("w1", 1'000);
  agents.push({.workspace = "w2"}, {histogram("wait", {buckets("", {5}, {1, 1}, 9)})});
  agents->remove_workspace("w2", 1'000);
  // The family of that name is another one from here on.
  agents.push({.workspace = "w3"}, {gauge("wait", {{"", 4}})});
  agents.push({.workspace = "w1", .arrived = 2'000}, {counter("runs_total", {{"", 2}})});
  EXPECT_SHOWN(agents, R"(
    coderd_workspace_runs_total 2
    coderd_workspace_wait 4
  )");
}

// Native buckets merge at the lower resolution.
TEST(AgentsJoins, MergesNativeHistograms) {
  pushed_store agents({.rules = keeping({no_labels, {}})});
  auto const read = [] {
    auto const now_shown = stele::gather<sample::table>();
    auto const& data = now_shown.data();
    auto const& run = data.runs.at(0);
    return std::vector(data.values.begin() + static_cast<std::ptrdiff_t>(run.first_value),
                       data.values.end());
  };
  auto const first = bundle_of({histogram("wait", {native("", 1, 1, {3, 4}, 2, 5)})});
  agents.push({.workspace = "w1"}, first);
  // Indexes 1 and 2 of schema 1 are index 1 of schema 0.
  agents.push({.workspace = "w2"}, {histogram("wait", {native("", 0, 1, {5, 0, 6}, 1, 7)})});
  std::vector<std::uint64_t> const expected{9 + 12, bits(12), 0, bits(0x1p-128), 3, 1, 3, 12, 0,
                                            6,      0,        0};
  EXPECT_EQ(read(), expected);
  // What has ended, and what started anew, is kept.
  agents.push({.workspace = "w1"},
              again(first, {histogram("wait", {native("", 1, 1, {1, 0}, 0, 1)})}));
  agents->remove_workspace("w2", 5'000);
  agents->reclaim(now, 10);
  std::vector<std::uint64_t> const later{22, bits(13), 0, bits(0x1p-128), 3, 1, 3, 13, 0, 6, 0, 0};
  EXPECT_EQ(read(), later);
}

// Quantiles are joined by the function, sum and count add up.
TEST(AgentsJoins, MergesSummaries) {
  pushed_store agents({.rules = keeping({no_labels, {}}, {{"pause", join_function::max}})});
  agents.push({.workspace = "w1"}, {summary("pause", {quantiles("", {0.5}, {4}, 10, 5)})});
  agents.push({.workspace = "w2"}, {summary("pause", {quantiles("", {0.5}, {3}, 20, 6)})});
  EXPECT_SHOWN(agents, R"(
    coderd_workspace_pause{quantile="0.5"} 4
    coderd_workspace_pause_sum 30
    coderd_workspace_pause_count 11
  )");
  agents->remove_workspace("w1", 5'000);
  agents->reclaim(now, 10);
  EXPECT_SHOWN(agents, R"(
    coderd_workspace_pause{quantile="0.5"} 3
    coderd_workspace_pause_sum 30
    coderd_workspace_pause_count 11
  )");
}
