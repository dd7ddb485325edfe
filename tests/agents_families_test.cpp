// What two agents, or an agent and the service, cannot both expose: it costs one family, never the
// scrape.

#include <gtest/gtest.h>

#include "pushed_bundles.hpp"

using namespace pushed;
using pushing::outcome;
using pushing::refusal_reason;

namespace {

/// The only family that was refused.
refusal_reason reason(outcome const& done) {
  EXPECT_EQ(done.is, outcome::kind::applied) << done.why;
  EXPECT_EQ(done.refused.size(), 1U);
  return done.refused.empty() ? refusal_reason{} : done.refused[0].reason;
}

bool shows_line(std::string_view line) {
  return ("\n" + pushed_store::text()).find("\n" + std::string(line) + "\n") != std::string::npos;
}

std::string of_workspace(std::string_view name, std::string_view workspace,
                         std::string_view value) {
  return "coderd_workspace_" + std::string(name) + "{user_id=\"u1\",workspace_id=\"" +
         std::string(workspace) + "\"} " + std::string(value);
}

}  // namespace

// ---- Types --------------------------------------------------------------------------------------

// A type that differs from other agents' refuses that family, keeps the rest, and says why.
TEST(AgentsFamilies, RefusesAFamilyWhoseTypeDiffers) {
  pushed_store agents;
  agents.push({.workspace = "w1"}, {gauge("jobs", {{"", 1}})});
  auto const done =
      agents.push({.workspace = "w2"}, {counter("jobs", {{"", 2}}), gauge("load", {{"", 3}})});
  EXPECT_EQ(reason(done), refusal_reason::type);
  EXPECT_EQ(done.refused[0].family, "jobs");
  EXPECT_EQ(done.refused[0].why,
            "expected 'coderd_workspace_jobs' as a gauge, as other agents push it, saw a counter; "
            "push one type, or wait until no agent has the other one");
  EXPECT_TRUE(shows_line(of_workspace("jobs", "w1", "1")));
  EXPECT_FALSE(shows_line(of_workspace("jobs", "w2", "2")));
  EXPECT_TRUE(shows_line(of_workspace("load", "w2", "3")));
  EXPECT_EQ(agents->count(now).series, 2U);
}

// As long as it may be, it does not fill the answer and the log.
TEST(AgentsFamilies, ALongNameIsCutInWhatIsSaid) {
  pushed_store agents;
  std::string const name(200, 'j');
  agents.push({.workspace = "w1"}, {gauge(name, {{"", 1}})});
  auto const done = agents.push({.workspace = "w2"}, {counter(name, {{"", 2}})});
  EXPECT_EQ(reason(done), refusal_reason::type);
  EXPECT_EQ(done.refused[0].why, "expected 'coderd_workspace_" + std::string(63, 'j') +
                                     "…' as a gauge, as other agents push it, saw a counter; push "
                                     "one type, or wait until no agent has the other one");
}

// When the last agent with the old type is gone, the new type is free: for the same shape, too.
TEST(AgentsFamilies, FreesATypeWithItsLastAgent) {
  for (int const way : {0, 1, 2, 3}) {
    SCOPED_TRACE(way);
    pushed_store agents({.ttl_ms = 5'000});
    auto const later = bundle_of({counter("jobs", {{"", 2}})});
    agents.push({.workspace = "w1"}, {gauge("jobs", {{"", 1}})});
    EXPECT_EQ(reason(agents.push({.workspace = "w2"}, later)), refusal_reason::type);
    EXPECT_EQ(reason(agents.push({.workspace = "w2"}, later)), refusal_reason::type);
    switch (way) {
      case 0: agents->remove_group("w1", "job=agent"); break;
      case 1: agents->release_workspace("w1", 5'000); break;
      case 2: now += 5'001; break;
      case 3: agents.push({.workspace = "w1"}, std::vector<family>{}); break;
      default: break;
    }
    EXPECT_TRUE(agents.push({.workspace = "w2"}, later).refused.empty());
    EXPECT_TRUE(shows_line("# TYPE coderd_workspace_jobs counter"));
    EXPECT_TRUE(shows_line(of_workspace("jobs", "w2", "2")));
    // Now the old one is wrong.
    EXPECT_EQ(
        reason(agents.push({.workspace = "w1", .arrived = 9'000}, {gauge("jobs", {{"", 1}})})),
        refusal_reason::type);
  }
}

// An agent alone may change its mind.
TEST(AgentsFamilies, TakesAnotherTypeFromTheOnlyGroup) {
  for (auto const how : {pushing::replace::all, pushing::replace::families}) {
    pushed_store agents;
    agents.push({.how = how}, {gauge("jobs", {{"", 1}}), gauge("load", {{"", 2}})});
    EXPECT_TRUE(agents.push({.how = how}, {histogram("jobs", {buckets("", {1}, {2, 3}, 4)})})
                    .refused.empty());
    EXPECT_TRUE(shows_line("# TYPE coderd_workspace_jobs histogram"));
    EXPECT_TRUE(shows_line("coderd_workspace_jobs_count{user_id=\"u1\",workspace_id=\"w1\"} 5"));
    EXPECT_EQ(shows_line(of_workspace("load", "w1", "2")), how == pushing::replace::families);
  }
}

// What is refused costs nothing that was there.
TEST(AgentsFamilies, KeepsAFamilyThatAPostCannotReplace) {
  pushed_store agents;
  agents.push({.workspace = "w1"}, {gauge("jobs", {{"", 1}})});
  agents.push({.workspace = "w2"}, {gauge("jobs_count", {{"", 2}})});
  auto const done = agents.push({.workspace = "w1", .how = pushing::replace::families},
                                {histogram("jobs", {buckets("", {1}, {2, 3}, 4)})});
  EXPECT_EQ(reason(done), refusal_reason::suffix);
  EXPECT_TRUE(shows_line(of_workspace("jobs", "w1", "1")));
  EXPECT_EQ(agents->count(now).series, 2U);
}

// Info and stateset are no types of a push.
TEST(AgentsFamilies, RefusesTypesThatAreNotTaken) {
  pushed_store agents;
  EXPECT_EQ(reason(agents.push({}, {{"build", metric_type::info, {{"", 1}}}})),
            refusal_reason::type);
}

// ---- Names --------------------------------------------------------------------------------------

// A suffix clash with any agent's family refuses the family.
TEST(AgentsFamilies, RefusesSuffixesThatAreTaken) {
  struct {
    family first;
    family second;
  } const pairs[]{
      {histogram("wait", {buckets("", {1}, {1, 0}, 1)}), gauge("wait_count", {{"", 1}})},
      {gauge("wait_sum", {{"", 1}}), summary("wait", {quantiles("", {0.5}, {1}, 1, 1)})},
      {counter("runs_total", {{"", 1}}), gauge("runs_created", {{"", 1}})},
      {gauge("runs_created", {{"", 1}}), counter("runs_total", {{"", 1}})},
      {histogram("wait", {buckets("", {1}, {1, 0}, 1)}), counter("wait_bucket", {{"", 1}})},
  };
  for (auto const& [first, second] : pairs) {
    SCOPED_TRACE(first.name + " " + second.name);
    pushed_store agents;
    EXPECT_TRUE(agents.push({.workspace = "w1"}, {first}).refused.empty());
    auto const later = bundle_of({second});
    auto const done = agents.push({.workspace = "w2"}, later);
    EXPECT_EQ(reason(done), refusal_reason::suffix);
    EXPECT_EQ(done.refused[0].why,
              "expected a name that does not clash through a suffix, saw "
              "'coderd_workspace_" +
                  second.name + "' beside 'coderd_workspace_" + first.name +
                  "' of other agents; rename it");
    // In one push, too, and from the group itself where it stays.
    EXPECT_EQ(reason(agents.push({.workspace = "w1"}, {first, second})), refusal_reason::suffix);
    EXPECT_EQ(reason(agents.push({.workspace = "w1", .how = pushing::replace::families}, {second})),
              refusal_reason::suffix);
    agents->remove_workspace("w1", 5'000);
    EXPECT_TRUE(agents.push({.workspace = "w2"}, later).refused.empty());
    EXPECT_EQ(agents->count(now).series, 1U);
  }
}

// A counter `x_total` beside a family `x` is no clash: it is `unknown` to OpenMetrics then.
TEST(AgentsFamilies, ShowsATotalBesideItsStemAsUnknown) {
  pushed_store agents;
  agents.push({.workspace = "w1"}, {counter("runs_total", {{"", 1}})});
  EXPECT_NE(agents.text(stele::format::openmetrics).find("# TYPE coderd_workspace_runs counter\n"),
            std::string::npos);
  EXPECT_TRUE(agents.push({.workspace = "w2"}, {gauge("runs", {{"", 2}})}).refused.empty());
  EXPECT_EQ(agents.text(stele::format::openmetrics),
            "# HELP coderd_workspace_runs A metric.\n"
            "# TYPE coderd_workspace_runs gauge\n"
            "coderd_workspace_runs{user_id=\"u1\",workspace_id=\"w2\"} 2.0\n"
            "# HELP coderd_workspace_runs_total A metric.\n"
            "# TYPE coderd_workspace_runs_total unknown\n"
            "coderd_workspace_runs_total{user_id=\"u1\",workspace_id=\"w1\"} 1.0\n"
            "# EOF\n");
  EXPECT_NE(agents.text().find("# TYPE coderd_workspace_runs_total counter\n"), std::string::npos);
  agents->remove_workspace("w2", 5'000);
  EXPECT_NE(agents.text(stele::format::openmetrics).find("# TYPE coderd_workspace_runs counter\n"),
            std::string::npos);
}

// Names of the tables' rows are taken, with their suffixes.
TEST(AgentsFamilies, RefusesNamesOfTheTables) {
  stele::descriptor const row{.name = "coderd_workspace_builds_total",
                              .type = metric_type::counter};
  stele::descriptor const other{.name = "coderd_workspace_load", .type = metric_type::gauge};
  pushed_store agents({.reserved = {&row, &other}});
  auto const done = agents.push({}, {counter("builds_total", {{"", 1}})});
  EXPECT_EQ(reason(done), refusal_reason::name);
  EXPECT_EQ(done.refused[0].why,
            "expected a name that the service does not expose itself, saw "
            "'coderd_workspace_builds_total'; rename it");
  EXPECT_EQ(reason(agents.push({}, {gauge("builds_created", {{"", 1}})})), refusal_reason::suffix);
  // The table's counter cannot become `unknown`; a pushed one can.
  EXPECT_EQ(reason(agents.push({}, {gauge("builds", {{"", 1}})})), refusal_reason::suffix);
  EXPECT_TRUE(agents.push({}, {counter("load_total", {{"", 1}})}).refused.empty());
  EXPECT_NE(agents.text(stele::format::openmetrics).find("coderd_workspace_load_total unknown\n"),
            std::string::npos);
}

TEST(AgentsFamilies, RefusesAFamilyThatIsTwiceWithItsPrefix) {
  pushed_store agents;
  EXPECT_EQ(reason(agents.push(
                {}, {gauge("jobs", {{"", 1}}), gauge("coderd_workspace_jobs", {{"", 2}})})),
            refusal_reason::duplicate);
  EXPECT_TRUE(shows_line(of_workspace("jobs", "w1", "1")));
}

// What the parsers refused stays refused, and is said with each push.
TEST(AgentsFamilies, SaysWhatTheBundleRefused) {
  pushed_store agents;
  auto const first = bundle_of({gauge("jobs", {{"", 1}})});
  auto changed = std::make_shared<pushing::shape>(*first.of);
  changed->refused.push_back({"le", refusal_reason::label, "why"});
  auto bundle = first;
  bundle.of = changed;
  for (int i = 0; i < 2; ++i) EXPECT_EQ(reason(agents.push({}, bundle)), refusal_reason::label);
}

// ---- Series -------------------------------------------------------------------------------------

// A series that another group of the workspace already holds is a family conflict.
TEST(AgentsFamilies, RefusesSeriesOfAnotherGroup) {
  pushed_store agents;
  agents.push({.group = "job=a"}, {gauge("jobs", {{"a=\"1\"", 1}, {"a=\"2\"", 2}})});
  auto const later =
      bundle_of({gauge("jobs", {{"a=\"3\"", 3}, {"a=\"2\"", 4}}), gauge("load", {{"", 5}})});
  auto const done = agents.push({.group = "job=b"}, later);
  EXPECT_EQ(reason(done), refusal_reason::duplicate);
  EXPECT_NE(done.refused[0].why.find(
                "coderd_workspace_jobs'{user_id=\"u1\",workspace_id=\"w1\",a=\"2\"} in two groups"),
            std::string::npos)
      << done.refused[0].why;
  EXPECT_EQ(agents->count(now).series, 3U);
  // Another workspace may have the same labels.
  EXPECT_TRUE(agents.push({.workspace = "w2", .group = "job=b"}, later).refused.empty());
  agents->remove_group("w1", "job=a");
  EXPECT_TRUE(agents.push({.group = "job=b"}, later).refused.empty());
  EXPECT_TRUE(shows_line("coderd_workspace_jobs{user_id=\"u1\",workspace_id=\"w1\",a=\"2\"} 4"));
}

// HELP is the first one seen; another is counted, and no reason to refuse.
TEST(AgentsFamilies, KeepsTheFirstHelp) {
  pushed_store agents;
  family other = gauge("jobs", {{"", 2}});
  other.help = "Other words.";
  agents.push({.workspace = "w1"}, {gauge("jobs", {{"", 1}})});
  EXPECT_EQ(agents->other_helps(), 0U);
  EXPECT_TRUE(agents.push({.workspace = "w2"}, {other}).refused.empty());
  EXPECT_EQ(agents->other_helps(), 1U);
  EXPECT_TRUE(shows_line("# HELP coderd_workspace_jobs A metric."));
  // It goes with the last of its series.
  agents->remove_workspace("w1", 5'000);
  agents->remove_workspace("w2", 5'000);
  EXPECT_FALSE(agents->reclaim(now, 10));
  agents.push({.workspace = "w2", .arrived = 6'000}, {other});
  EXPECT_TRUE(shows_line("# HELP coderd_workspace_jobs Other words."));
}

// ---- Bounds -------------------------------------------------------------------------------------

// Over a bound, nothing of the bundle is applied.
TEST(AgentsFamilies, RefusesAPushThatPassesABound) {
  pushed_store agents({.limits = {.groups_per_workspace_max = 2,
                                  .series_per_workspace_max = 3,
                                  .series_max = 5,
                                  .workspaces_max = 2}});
  auto const two = std::vector{gauge("jobs", {{"a=\"1\"", 1}, {"a=\"2\"", 2}})};
  auto const is = [&](pusher const& by, std::vector<family> const& what) {
    return agents.push(by, what).is;
  };
  EXPECT_EQ(is({.workspace = "w1", .group = "1"}, two), outcome::kind::applied);
  auto const done = agents.push({.workspace = "w1", .group = "2"},
                                {gauge("load", {{"a=\"1\"", 1}, {"a=\"2\"", 2}})});
  EXPECT_EQ(done.is, outcome::kind::limit);
  EXPECT_EQ(done.why,
            "expected at most 3 series of a workspace, saw 4; push fewer, or raise the limit");
  EXPECT_EQ(agents->count(now).series, 2U);
  EXPECT_FALSE(shows_line("# TYPE coderd_workspace_load gauge"));
  // What a push replaces does not count.
  EXPECT_EQ(is({.workspace = "w1", .group = "1"},
               {gauge("jobs", {{"a=\"3\"", 1}, {"a=\"4\"", 2}, {"a=\"5\"", 2}})}),
            outcome::kind::applied);
  EXPECT_EQ(is({.workspace = "w1", .group = "2"}, {}), outcome::kind::applied);
  EXPECT_EQ(is({.workspace = "w1", .group = "3"}, {}), outcome::kind::limit);
  EXPECT_EQ(is({.workspace = "w2"}, two), outcome::kind::applied);
  EXPECT_EQ(
      is({.workspace = "w2"}, {gauge("jobs", {{"a=\"1\"", 1}, {"a=\"2\"", 2}, {"a=\"3\"", 2}})}),
      outcome::kind::limit);
  EXPECT_EQ(is({.workspace = "w3"}, {}), outcome::kind::limit);
  agents->remove_workspace("w1", 2'000);
  EXPECT_EQ(is({.workspace = "w3"}, two), outcome::kind::applied);
  // What has expired counts no more.
  now += 120'001;
  EXPECT_EQ(is({.workspace = "w4"}, two), outcome::kind::applied);
  EXPECT_EQ(agents->count(now).workspaces, 1U);
}

// What is refused leaves nothing behind in families that are there.
TEST(AgentsFamilies, HoldsNothingOfWhatIsRefused) {
  pushed_store agents({.limits = {.series_per_workspace_max = 1}});
  std::vector<family> const held{gauge("jobs", {{"", 1}})};
  agents.push({.workspace = "w1"}, held);
  auto const other_labels = [](int i) {
    return std::vector<series>{{"a" + std::to_string(i) + "=\"1\"", 1}, {"b=\"1\"", 1}};
  };
  // Over a bound, and a family alone, whose series another group has.
  auto const push_what_is_refused = [&](int i) {
    EXPECT_EQ(agents.push({.workspace = "w2"}, {gauge("jobs", other_labels(i))}).is,
              outcome::kind::limit);
    auto both = other_labels(i);
    both.emplace_back("", 1);
    EXPECT_EQ(
        agents.push({.workspace = "w1", .group = "other"}, {gauge("jobs", both)}).refused.size(),
        1U);
  };
  push_what_is_refused(0);
  std::size_t const before = agents->count(now).bytes;
  for (int i = 1; i < 100; ++i) push_what_is_refused(i);
  EXPECT_LT(agents->count(now).bytes, before + 1'000);
}
