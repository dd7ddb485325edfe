// What of the pushed series is exposed: all of them, or fewer.

#include <gtest/gtest.h>

#include <limits>

#include "cardinality_case.hpp"

using namespace pushed;
using pushing::cardinality;
using pushing::join_function;
using pushing::kept_labels;
using pushing::refusal_reason;

namespace {

constexpr auto all_labels = kept_labels::which::all;
constexpr auto these_labels = kept_labels::which::these;

}  // namespace

// ---- The rules ----------------------------------------------------------------------------------

TEST(AgentsCardinality, KnowsWhatItDrops) {
  cardinality const rules{{"go_*", "x"}, {"pid"}, {these_labels, {"user_id", "pid"}}, {}};
  EXPECT_TRUE(rules.drops("go_threads"));
  EXPECT_TRUE(rules.drops("x"));
  EXPECT_FALSE(rules.drops("xy"));
  EXPECT_TRUE(rules.keeps_label("user_id"));
  EXPECT_FALSE(rules.keeps_label("pid"));
  EXPECT_FALSE(rules.keeps_label("workspace_id"));
}

// Counters and histograms are added up unless something else is stated; the rest wants a function.
TEST(AgentsCardinality, KnowsItsFunctions) {
  cardinality const rules = keeping({}, {{"a_*", join_function::max}, {"a_b", join_function::min}});
  EXPECT_EQ(rules.function_of("a_b", metric_type::gauge), join_function::max);
  EXPECT_EQ(rules.function_of("a_b", metric_type::counter), join_function::max);
  EXPECT_EQ(rules.function_of("a_b", metric_type::histogram), join_function::sum);
  EXPECT_EQ(rules.function_of("b", metric_type::counter), join_function::sum);
  EXPECT_EQ(rules.function_of("b", metric_type::gauge), std::nullopt);
  EXPECT_EQ(rules.function_of("b", metric_type::unknown), std::nullopt);
  EXPECT_EQ(rules.function_of("b", metric_type::summary), std::nullopt);
}

// Metrics are dropped at the source, which is no refusal.
TEST(AgentsCardinality, DropsMetrics) {
  pushed_store agents({.rules = {.drop_metrics = {"go_*"}}});
  auto const bundle = bundle_of({gauge("go_threads", {{"", 1}}), gauge("jobs", {{"", 2}}),
                                 gauge("coderd_workspace_go_gc", {{"", 1}})});
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(agents.push({}, bundle).refused.empty());
  EXPECT_SHOWN(agents, R"(coderd_workspace_jobs{user_id="u1",workspace_id="w1"} 2)");
  EXPECT_EQ(agents->count(now).series, 1U);
}

// ---- None, all, these ---------------------------------------------------------------------------

// "None" and "all" are different settings.
TEST(AgentsCardinality, KeepsAllLabels) {
  pushed_store agents({.rules = keeping({all_labels, {}})});
  agents.push({.workspace = "w1"}, {counter("runs_total", {{"a=\"1\"", 1}, {"a=\"2\"", 2}})});
  agents.push({.workspace = "w2"}, {counter("runs_total", {{"a=\"1\"", 4}})});
  EXPECT_SHOWN(agents, R"(
    coderd_workspace_runs_total{user_id="u1",workspace_id="w1",a="1"} 1
    coderd_workspace_runs_total{user_id="u1",workspace_id="w1",a="2"} 2
    coderd_workspace_runs_total{user_id="u1",workspace_id="w2",a="1"} 4
  )");
}

TEST(AgentsCardinality, KeepsNoLabel) {
  pushed_store agents({.rules = keeping({no_labels, {}})});
  agents.push({.workspace = "w1"}, {counter("runs_total", {{"a=\"1\"", 1}, {"a=\"2\"", 2}})});
  agents.push({.workspace = "w2"}, {counter("runs_total", {{"a=\"1\"", 4}})});
  EXPECT_EQ(agents.text(),
            "# HELP coderd_workspace_runs_total A metric.\n"
            "# TYPE coderd_workspace_runs_total counter\n"
            "coderd_workspace_runs_total 7\n");
  EXPECT_EQ(agents->count(now).series, 1U);
  EXPECT_EQ(agents->count(now).workspaces, 2U);
}

TEST(AgentsCardinality, KeepsTheseLabels) {
  pushed_store agents({.rules = keeping({these_labels, {"user_id", "a"}})});
  agents.push({.workspace = "w1", .labels = "region=\"eu\""},
              {counter("runs_total", {{"a=\"1\"", 1}, {"b=\"2\"", 2}})});
  agents.push({.workspace = "w2"}, {counter("runs_total", {{"a=\"1\",b=\"3\"", 4}})});
  agents.push({.workspace = "w3", .user = "u2"}, {counter("runs_total", {{"a=\"1\"", 8}})});
  EXPECT_SHOWN(agents, R"(
    coderd_workspace_runs_total{user_id="u1",a="1"} 5
    coderd_workspace_runs_total{user_id="u1"} 2
    coderd_workspace_runs_total{user_id="u2",a="1"} 8
  )");
}

TEST(AgentsCardinality, DropsLabels) {
  pushed_store agents({.rules = {.drop_labels = {"pid"}}});
  agents.push({.workspace = "w1"}, {counter("runs_total", {{"pid=\"1\"", 1}, {"pid=\"2\"", 2}})});
  agents.push({.workspace = "w2"}, {counter("runs_total", {{"", 4}})});
  EXPECT_SHOWN(agents, R"(
    coderd_workspace_runs_total{user_id="u1",workspace_id="w1"} 3
    coderd_workspace_runs_total{user_id="u1",workspace_id="w2"} 4
  )");
}

// ---- Functions ----------------------------------------------------------------------------------

// A gauge where a label is taken away and no function is stated is refused; nothing else is.
TEST(AgentsCardinality, RefusesAGaugeWithoutAFunction) {
  pushed_store agents({.rules = {.drop_labels = {"pid"}}});
  auto const bundle = bundle_of({gauge("jobs", {{"pid=\"1\"", 1}}), gauge("load", {{"", 2}})});
  for (int i = 0; i < 2; ++i) {
    auto const done = agents.push({}, bundle);
    ASSERT_EQ(done.refused.size(), 1U);
    EXPECT_EQ(done.refused[0].reason, refusal_reason::aggregation);
    EXPECT_EQ(done.refused[0].why,
              "expected a function that says how values are joined where labels are taken away "
              "(sum, max, min or last), saw none for the gauge 'jobs'; state one in the service's "
              "rules");
  }
  EXPECT_SHOWN(agents, R"(coderd_workspace_load{user_id="u1",workspace_id="w1"} 2)");
  // A series of two groups is not joined without a function either.
  auto const other = agents.push({.group = "other"}, {gauge("load", {{"", 3}})});
  ASSERT_EQ(other.refused.size(), 1U);
  EXPECT_EQ(other.refused[0].reason, refusal_reason::duplicate);
}

TEST(AgentsCardinality, JoinsGaugesByTheirFunction) {
  pushed_store agents({.ttl_ms = 5'000,
                       .rules = keeping({no_labels, {}}, {{"sum", join_function::sum},
                                                          {"max", join_function::max},
                                                          {"min", join_function::min},
                                                          {"*", join_function::last}})});
  auto const push = [&](std::string workspace, double value) {
    agents.push({.workspace = std::move(workspace)},
                {gauge("sum", {{"", value}}), gauge("max", {{"", value}}),
                 gauge("min", {{"", value}}), untyped("last", {{"", value}})});
    now += 10;
  };
  push("w1", 3);
  push("w2", -1);
  push("w3", 2);
  EXPECT_SHOWN(agents, R"(
    coderd_workspace_sum 4
    coderd_workspace_max 3
    coderd_workspace_min -1
    coderd_workspace_last 2
  )");
  push("w1", std::numeric_limits<double>::quiet_NaN());  // has no say beside a value
  EXPECT_SHOWN(agents, R"(
    coderd_workspace_sum 1
    coderd_workspace_max 2
    coderd_workspace_min -1
    coderd_workspace_last 2
  )");
  agents->remove_workspace("w3", 5'000);
  EXPECT_SHOWN(agents, R"(
    coderd_workspace_sum -1
    coderd_workspace_max -1
    coderd_workspace_min -1
    coderd_workspace_last -1
  )");
  now += 4'985;  // w2 has expired, w1 not
  EXPECT_SHOWN(agents, R"(
    coderd_workspace_sum NaN
    coderd_workspace_max NaN
    coderd_workspace_min NaN
    coderd_workspace_last NaN
  )");
}
