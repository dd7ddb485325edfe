// What agents push is what a scrape shows, until it ends.

#include <gtest/gtest.h>

#include <limits>

#include "pushed_bundles.hpp"

using namespace pushed;
using pushing::outcome;

// ---- What is shown ------------------------------------------------------------------------------

// The exposed name is `coderd_workspace_` and the pushed name; labels are user_id, workspace_id,
// then the group's and the agent's own, sorted by name.
TEST(AgentsStore, ShowsAPushedSeriesUnderItsWorkspace) {
  pushed_store agents;
  auto const done = agents.push({.labels = "region=\"eu\""},
                                {gauge("jobs", {{"kind=\"a\",zone=\"7\"", 3}, {"", 0.5}})});
  EXPECT_EQ(done.is, outcome::kind::applied);
  EXPECT_TRUE(done.refused.empty());
  auto const shown = agents.shows(R"(
    # HELP coderd_workspace_jobs A metric.
    # TYPE coderd_workspace_jobs gauge
    coderd_workspace_jobs{user_id="u1",workspace_id="w1",kind="a",region="eu",zone="7"} 3
    coderd_workspace_jobs{user_id="u1",workspace_id="w1",region="eu"} 0.5
  )");
  EXPECT_TRUE(shown) << shown.message();
}

TEST(AgentsStore, DoesNotPrefixANameThatHasThePrefix) {
  pushed_store agents;
  agents.push({}, {gauge("coderd_workspace_jobs", {{"", 3}})});
  auto const shown = agents.shows(R"(coderd_workspace_jobs{user_id="u1",workspace_id="w1"} 3)");
  EXPECT_TRUE(shown) << shown.message();
}

TEST(AgentsStore, EscapesTheIdentity) {
  pushed_store agents;
  agents.push({.workspace = "a\"b\\c\nd"}, {gauge("jobs", {{"", 3}})});
  auto const shown =
      agents.shows("coderd_workspace_jobs{user_id=\"u1\",workspace_id=\"a\\\"b\\\\c\\nd\"} 3");
  EXPECT_TRUE(shown) << shown.message();
}

// One HELP and TYPE a family, one group of lines, in all formats.
TEST(AgentsStore, ShowsTheFamiliesOfAllWorkspacesTogether) {
  pushed_store agents;
  agents.push({.workspace = "w1"}, {gauge("jobs", {{"", 1}}), counter("runs_total", {{"", 2}})});
  agents.push({.workspace = "w2"},
              {gauge("jobs", {{"a=\"b\"", 3}}), counter("runs_total", {{"", 4}})});
  EXPECT_EQ(agents.text(),
            "# HELP coderd_workspace_jobs A metric.\n"
            "# TYPE coderd_workspace_jobs gauge\n"
            "coderd_workspace_jobs{user_id=\"u1\",workspace_id=\"w1\"} 1\n"
            "coderd_workspace_jobs{user_id=\"u1\",workspace_id=\"w2\",a=\"b\"} 3\n"
            "# HELP coderd_workspace_runs_total A metric.\n"
            "# TYPE coderd_workspace_runs_total counter\n"
            "coderd_workspace_runs_total{user_id=\"u1\",workspace_id=\"w1\"} 2\n"
            "coderd_workspace_runs_total{user_id=\"u1\",workspace_id=\"w2\"} 4\n");
  EXPECT_EQ(agents.text(stele::format::openmetrics),
            "# HELP coderd_workspace_jobs A metric.\n"
            "# TYPE coderd_workspace_jobs gauge\n"
            "coderd_workspace_jobs{user_id=\"u1\",workspace_id=\"w1\"} 1.0\n"
            "coderd_workspace_jobs{user_id=\"u1\",workspace_id=\"w2\",a=\"b\"} 3.0\n"
            "# HELP coderd_workspace_runs A metric.\n"
            "# TYPE coderd_workspace_runs counter\n"
            "coderd_workspace_runs_total{user_id=\"u1\",workspace_id=\"w1\"} 2.0\n"
            "coderd_workspace_runs_total{user_id=\"u1\",workspace_id=\"w2\"} 4.0\n"
            "# EOF\n");
}

// Agents of several versions have other buckets.
TEST(AgentsStore, ShowsHistogramsWithOtherBoundsInOneFamily) {
  pushed_store agents;
  agents.push({.workspace = "w1"}, {histogram("wait", {buckets("", {1, 2}, {1, 0, 3}, 12)})});
  agents.push({.workspace = "w2"}, {histogram("wait", {buckets("", {5}, {4, 0}, 7)})});
  std::string const start = "coderd_workspace_wait";
  EXPECT_EQ(agents.text(),
            "# HELP coderd_workspace_wait A metric.\n"
            "# TYPE coderd_workspace_wait histogram\n"
            "coderd_workspace_wait_bucket{user_id=\"u1\",workspace_id=\"w1\",le=\"1\"} 1\n"
            "coderd_workspace_wait_bucket{user_id=\"u1\",workspace_id=\"w1\",le=\"2\"} 1\n"
            "coderd_workspace_wait_bucket{user_id=\"u1\",workspace_id=\"w1\",le=\"+Inf\"} 4\n"
            "coderd_workspace_wait_sum{user_id=\"u1\",workspace_id=\"w1\"} 12\n"
            "coderd_workspace_wait_count{user_id=\"u1\",workspace_id=\"w1\"} 4\n"
            "coderd_workspace_wait_bucket{user_id=\"u1\",workspace_id=\"w2\",le=\"5\"} 4\n"
            "coderd_workspace_wait_bucket{user_id=\"u1\",workspace_id=\"w2\",le=\"+Inf\"} 4\n"
            "coderd_workspace_wait_sum{user_id=\"u1\",workspace_id=\"w2\"} 7\n"
            "coderd_workspace_wait_count{user_id=\"u1\",workspace_id=\"w2\"} 4\n");
}

TEST(AgentsStore, ShowsSummaries) {
  pushed_store agents;
  agents.push({}, {summary("pause", {quantiles("", {0.5, 1}, {0.25, 4}, 9.5, 3)})});
  auto const shown = agents.shows(R"(
    coderd_workspace_pause{user_id="u1",workspace_id="w1",quantile="0.5"} 0.25
    coderd_workspace_pause{user_id="u1",workspace_id="w1",quantile="1"} 4
    coderd_workspace_pause_sum{user_id="u1",workspace_id="w1"} 9.5
    coderd_workspace_pause_count{user_id="u1",workspace_id="w1"} 3
  )");
  EXPECT_TRUE(shown) << shown.message();
}

// What is pushed without a type is `untyped` in text, `unknown` in OpenMetrics.
TEST(AgentsStore, ShowsWhatHasNoTypeAsEachFormatSays) {
  pushed_store agents;
  agents.push({}, {untyped("load", {{"", 2}})});
  EXPECT_NE(agents.text().find("# TYPE coderd_workspace_load untyped\n"), std::string::npos);
  EXPECT_NE(agents.text(stele::format::openmetrics).find("# TYPE coderd_workspace_load unknown\n"),
            std::string::npos);
  // MetricFamily: name, help, then type = 3 (UNTYPED).
  EXPECT_NE(agents.text(stele::format::protobuf).find("A metric.\x18\x03"), std::string::npos);
}

// A counter that OpenMetrics cannot carry under its name is `unknown` there.
TEST(AgentsStore, ShowsACounterWithoutTotalToOpenMetricsAsUnknown) {
  pushed_store agents;
  agents.push({}, {counter("events", {{"", 2}})});
  EXPECT_NE(agents.text().find("# TYPE coderd_workspace_events counter\n"), std::string::npos);
  EXPECT_NE(agents.text(stele::format::openmetrics)
                .find("# TYPE coderd_workspace_events unknown\n"
                      "coderd_workspace_events{user_id=\"u1\",workspace_id=\"w1\"} 2.0\n"),
            std::string::npos);
}

// Counters, histograms and summaries may say when they began.
TEST(AgentsStore, ShowsWhenASeriesBegan) {
  pushed_store agents;
  auto const shown = [&] {
    std::string text;
    stele::expose(stele::gather<sample::table>(), stele::format::openmetrics,
                  [&](std::string_view chunk) { text += chunk; }, {.created = true});
    return text;
  };
  agents.push({}, {counter("runs_total", {{"a=\"1\"", 2, 1'500}, {"a=\"2\"", 3}})});
  std::string const first =
      "coderd_workspace_runs_created{user_id=\"u1\",workspace_id=\"w1\",a=\"1\"} ";
  EXPECT_NE(shown().find(first + "1.500\n"), std::string::npos);
  EXPECT_EQ(shown().find("_created{user_id=\"u1\",workspace_id=\"w1\",a=\"2\""), std::string::npos);
  // It started anew: the same shape, another begin.
  auto const bundle = bundle_of({counter("runs_total", {{"a=\"1\"", 2, 1'500}, {"a=\"2\"", 3}})});
  agents.push({}, bundle);
  agents.push({}, again(bundle, {counter("runs_total", {{"a=\"1\"", 1, 9'250}, {"a=\"2\"", 3}})}));
  EXPECT_NE(shown().find(first + "9.250\n"), std::string::npos) << shown();
  EXPECT_EQ(shown().find(first + "1.500\n"), std::string::npos);
}

// A NaN with a payload could be taken for a marker of staleness.
TEST(AgentsStore, KeepsOneNaN) {
  pushed_store agents;
  series marker("", 0);
  marker.values[0] = 0x7ff0'0000'0000'0002;
  agents.push({}, {gauge("jobs", {marker})});
  auto const values = stele::gather<sample::table>();
  EXPECT_EQ(values.data().values.at(0), bits(std::numeric_limits<double>::quiet_NaN()));
}

// ---- What replaces what -------------------------------------------------------------------------

TEST(AgentsStore, TakesTheSameShapeAgain) {
  pushed_store agents;
  auto const first = bundle_of({gauge("jobs", {{"", 1}}), counter("runs_total", {{"", 5}})});
  agents.push({}, first);
  // An agent that starts anew counts from 0: that is what is shown.
  agents.push({}, again(first, {gauge("jobs", {{"", 2}}), counter("runs_total", {{"", 0}})}));
  auto const shown = agents.shows(R"(
    coderd_workspace_jobs{user_id="u1",workspace_id="w1"} 2
    coderd_workspace_runs_total{user_id="u1",workspace_id="w1"} 0
  )");
  EXPECT_TRUE(shown) << shown.message();
  EXPECT_EQ(agents->last_shape("w1", "job=agent"), first.of);
  EXPECT_EQ(agents->last_shape("w1", "job=other"), nullptr);
}

// PUT replaces the whole group.
TEST(AgentsStore, ReplacesAGroupByAPut) {
  pushed_store agents;
  agents.push({}, {gauge("jobs", {{"a=\"1\"", 1}, {"a=\"2\"", 2}}), gauge("load", {{"", 5}})});
  agents.push({}, {gauge("jobs", {{"a=\"2\"", 3}, {"a=\"3\"", 4}})});
  auto const shown = agents.shows(R"(
    coderd_workspace_jobs{user_id="u1",workspace_id="w1",a="2"} 3
    coderd_workspace_jobs{user_id="u1",workspace_id="w1",a="3"} 4
  )");
  EXPECT_TRUE(shown) << shown.message();
  EXPECT_EQ(agents->count(now).series, 2U);
  agents.push({}, std::vector<family>{});
  EXPECT_EQ(agents.text(), "");
  EXPECT_EQ(agents->count(now).series, 0U);
  EXPECT_EQ(agents->count(now).workspaces, 1U);
}

// POST replaces, within the group, the families of the same names.
TEST(AgentsStore, ReplacesFamiliesByAPost) {
  pushed_store agents;
  pusher const post{.how = pushing::replace::families};
  auto const first = bundle_of({gauge("jobs", {{"a=\"1\"", 1}}), gauge("load", {{"", 5}})});
  auto const second = bundle_of({gauge("jobs", {{"a=\"2\"", 2}}), gauge("other", {{"", 7}})});
  agents.push(post, first);
  agents.push(post, second);
  std::string_view const both = R"(
    coderd_workspace_jobs{user_id="u1",workspace_id="w1",a="2"} 2
    coderd_workspace_load{user_id="u1",workspace_id="w1"} 5
    coderd_workspace_other{user_id="u1",workspace_id="w1"} 7
  )";
  EXPECT_TRUE(agents.shows(both)) << agents.shows(both).message();
  EXPECT_EQ(agents->count(now).series, 3U);
  // The same shape as before, of which the other took a family.
  agents.push(post, first);
  std::string_view const third = R"(
    coderd_workspace_jobs{user_id="u1",workspace_id="w1",a="1"} 1
    coderd_workspace_load{user_id="u1",workspace_id="w1"} 5
    coderd_workspace_other{user_id="u1",workspace_id="w1"} 7
  )";
  EXPECT_TRUE(agents.shows(third)) << agents.shows(third).message();
  // An empty POST changes nothing.
  agents.push(post, std::vector<family>{});
  EXPECT_TRUE(agents.shows(third)) << agents.shows(third).message();
  // A PUT takes all of it.
  agents.push({}, {gauge("load", {{"", 6}})});
  auto const shown = agents.shows(R"(coderd_workspace_load{user_id="u1",workspace_id="w1"} 6)");
  EXPECT_TRUE(shown) << shown.message();
  EXPECT_EQ(agents->count(now).series, 1U);
}

// What was deleted, or has expired, stays away when other families come.
TEST(AgentsStore, DoesNotBringBackOtherFamiliesByAPost) {
  pushed_store agents({.ttl_ms = 5'000});
  pusher const post{.how = pushing::replace::families};
  for (bool const expires : {true, false}) {
    agents.push({}, {gauge("jobs", {{"", 1}}), gauge("load", {{"", 2}})});
    if (expires)
      now += 5'001;
    else
      agents->remove_group("w1", "job=agent");
    agents.push(post, {gauge("load", {{"", 3}})});
    auto const shown = agents.shows(R"(coderd_workspace_load{user_id="u1",workspace_id="w1"} 3)");
    EXPECT_TRUE(shown) << shown.message();
    EXPECT_EQ(agents->count(now).series, 1U);
    agents->remove_group("w1", "job=agent");
    while (agents->reclaim(now, 10)) continue;
  }
}

// Two jobs of one workspace are two groups.
TEST(AgentsStore, KeepsGroupsApart) {
  pushed_store agents;
  agents.push({.group = "job=a"}, {gauge("jobs", {{"", 1}})});
  agents.push({.group = "job=b"}, {gauge("load", {{"", 2}})});
  EXPECT_EQ(agents->count(now).workspaces, 1U);
  EXPECT_TRUE(agents->remove_group("w1", "job=a"));
  EXPECT_FALSE(agents->remove_group("w1", "job=a"));
  EXPECT_FALSE(agents->remove_group("w9", "job=a"));
  auto const shown = agents.shows(R"(coderd_workspace_load{user_id="u1",workspace_id="w1"} 2)");
  EXPECT_TRUE(shown) << shown.message();
}

// Holes are closed: what stays is shown as before, in the order in which it came.
TEST(AgentsStore, ShowsWhatStaysWhenMuchHasEnded) {
  pushed_store agents;
  std::string expected;
  for (int i = 0; i < 500; ++i) {
    std::string const workspace = "w" + std::to_string(i);
    agents.push({.workspace = workspace}, {gauge("jobs", {{"", double(i)}})});
    if (i % 7 == 0)
      expected += "coderd_workspace_jobs{user_id=\"u1\",workspace_id=\"" + workspace + "\"} " +
                  std::to_string(i + 1000) + "\n";
  }
  auto const before = agents->count(now).bytes;
  for (int i = 0; i < 500; ++i)
    if (i % 7 != 0) agents->remove_group("w" + std::to_string(i), "job=agent");
  EXPECT_EQ(agents->count(now).ended_workspaces, 428U);
  EXPECT_TRUE(agents->reclaim(now, 100));
  EXPECT_EQ(agents->count(now).ended_workspaces, 328U);
  while (agents->reclaim(now, 100)) continue;
  EXPECT_EQ(agents->count(now).ended_workspaces, 0U);
  // What is left has moved together, and is still found by its group.
  for (int i = 0; i < 500; i += 7)
    agents.push({.workspace = "w" + std::to_string(i)}, {gauge("jobs", {{"", i + 1000.0}})});
  std::string const text = agents.text();
  EXPECT_EQ(text.substr(text.find("coderd_workspace_jobs{")), expected);
  EXPECT_LT(agents->count(now).bytes, before * 2 / 3);
}

// ---- When it ends -------------------------------------------------------------------------------

// A group that was not pushed for longer than the time to live is gone, at the scrape, not at a
// tick.
TEST(AgentsStore, EndsAGroupThatExpired) {
  pushed_store agents({.ttl_ms = 5'000});
  auto const bundle = bundle_of({gauge("jobs", {{"", 1}})});
  agents.push({}, bundle);
  now += 5'000;
  EXPECT_NE(agents.text(), "");
  EXPECT_EQ(agents->count(now).series, 1U);
  now += 1;
  EXPECT_EQ(agents.text(), "");
  EXPECT_EQ(agents->count(now).series, 0U);
  EXPECT_EQ(agents->count(now).workspaces, 0U);
  EXPECT_EQ(agents->count(now).ended_workspaces, 1U);
  // It comes back, whether its memory was taken back or not.
  agents.push({}, bundle);
  EXPECT_NE(agents.text(), "");
  EXPECT_EQ(agents->count(now).series, 1U);
  now += 5'001;
  EXPECT_FALSE(agents->reclaim(now, 10));
  EXPECT_EQ(agents->count(now).ended_workspaces, 0U);
  agents.push({}, bundle);
  EXPECT_NE(agents.text(), "");
}

// A snapshot shows what it was gathered with, however series come and go meanwhile.
TEST(AgentsStore, LeavesASnapshotAsItWasGathered) {
  std::string before;
  std::string text;
  {
    pushed_store agents;
    agents.push(
        {}, {histogram("wait", {buckets("", {1, 2}, {1, 0, 3}, 12)}), gauge("jobs", {{"", 1}})});
    before = agents.text();
    auto const values = stele::gather<sample::table>();
    agents->remove_workspace("w1", 2'000);
    while (agents->reclaim(now, 10)) continue;
    agents.push({.workspace = "w2"}, {counter("jobs", {{"", 9}})});
    stele::expose(values, stele::format::text, [&](std::string_view chunk) { text += chunk; });
  }
  EXPECT_EQ(text, before);
}

TEST(AgentsStore, GivesAllMemoryBack) {
  auto const before = stele::core::memory_bytes(stele::core::memory_part::pushed_series);
  {
    pushed_store agents;
    agents.push({}, {gauge("jobs", {{"", 1}})});
    EXPECT_GT(agents->count(now).bytes, before);
  }
  // A gather's tools are kept for the next.
  EXPECT_EQ(stele::core::memory_bytes(stele::core::memory_part::pushed_series), before);
}

// A filter is asked for each family.
TEST(AgentsStore, HeedsARowFilter) {
  pushed_store agents;
  agents.push({}, {gauge("jobs", {{"", 1}}), gauge("load", {{"", 1}})});
  struct only_load final : stele::core::row_filter {
    bool wants(stele::core::table_info const&,
               stele::descriptor const& row) const noexcept override {
      return row.name == "coderd_workspace_load";
    }
  } const filter;
  stele::core::snapshot_data values;
  agents->read(&filter, values);
  ASSERT_EQ(values.families.size(), 1U);
  EXPECT_EQ(values.families[0].about->name, "coderd_workspace_load");
}
