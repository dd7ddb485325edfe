// Which instance has a workspace: the one that got its latest push.

#include <gtest/gtest.h>

#include "pushed_bundles.hpp"

using namespace pushed;
using pushing::outcome;

namespace {

std::vector<family> const jobs{gauge("jobs", {{"", 1}})};

}  // namespace

// A push for a workspace that is not owned takes it over, since it arrived or what the agent says.
TEST(AgentsEpochs, TakesAWorkspaceOver) {
  pushed_store agents;
  EXPECT_EQ(agents.push({.workspace = "w1", .arrived = 1'000}, jobs).claimed, 1'000);
  EXPECT_EQ(agents.push({.workspace = "w1", .arrived = 1'500}, jobs).claimed, std::nullopt);
  EXPECT_EQ(
      agents.push({.workspace = "w1", .group = "other", .arrived = 1'500}, std::vector<family>{})
          .claimed,
      std::nullopt);
  EXPECT_EQ(agents.push({.workspace = "w2", .agents_epoch = 7, .arrived = 1'000}, jobs).claimed, 7);
}

// A peer that holds an older epoch drops the workspace at once.
TEST(AgentsEpochs, LetsGoOfAWorkspaceThatAPeerHasSince) {
  pushed_store agents;
  agents.push({.arrived = 1'000}, jobs);
  EXPECT_EQ(agents->release_workspace("w1", 1'500), std::nullopt);
  EXPECT_EQ(agents.text(), "");
  EXPECT_EQ(agents->count(now).ended_workspaces, 1U);
  // A delayed push cannot bring it back.
  auto const late = agents.push({.arrived = 1'499}, jobs);
  EXPECT_EQ(late.is, outcome::kind::stale);
  EXPECT_EQ(late.why,
            "expected an epoch of at least 1500, saw 1499: the workspace went elsewhere, or ended, "
            "after this push; push again");
  EXPECT_EQ(agents.text(), "");
  // A new one can, and is claimed.
  EXPECT_EQ(agents.push({.arrived = 1'501}, jobs).claimed, 1'501);
  EXPECT_NE(agents.text(), "");
}

TEST(AgentsEpochs, KeepsAWorkspaceThatItHasSinceLater) {
  pushed_store agents;
  agents.push({.arrived = 1'000}, jobs);
  EXPECT_EQ(agents->release_workspace("w1", 999), 1'000);
  EXPECT_EQ(agents->release_workspace("w1", 1'000), 1'000);  // its own claim
  EXPECT_NE(agents.text(), "");
  // Of two that took it over in one millisecond, one lets go.
  EXPECT_EQ(agents->release_workspace("w1", 999, true), 1'000);
  EXPECT_EQ(agents->release_workspace("w1", 1'000, true), std::nullopt);
  EXPECT_EQ(agents.text(), "");
  // Of one that a peer has, the later epoch is known.
  agents->release_workspace("w1", 3'000);
  EXPECT_EQ(agents->release_workspace("w1", 2'000), 3'000);
  EXPECT_EQ(agents->release_workspace("w1", 3'000), std::nullopt);
}

TEST(AgentsEpochs, RemembersAClaimOfAWorkspaceThatItNeverHad) {
  pushed_store agents;
  EXPECT_EQ(agents->release_workspace("w1", 2'000), std::nullopt);
  EXPECT_EQ(agents.push({.arrived = 1'999}, jobs).is, outcome::kind::stale);
  // The same is of the same moment, and is applied here, later: the peer is told so.
  EXPECT_EQ(agents.push({.arrived = 2'000}, jobs).claimed, 2'001);
}

// What a peer's clock says to be later is not.
TEST(AgentsEpochs, HoldsWhatAPeerKnowsToBeLater) {
  pushed_store agents;
  EXPECT_EQ(agents->hold_workspace("w1", 5'000), std::nullopt);
  agents.push({.arrived = 1'000}, jobs);
  EXPECT_EQ(agents->hold_workspace("w1", 1'000), std::nullopt);  // as late: instances decide
  EXPECT_EQ(agents->hold_workspace("w1", 1'500), 1'501);
  EXPECT_EQ(agents->hold_workspace("w1", 1'500), std::nullopt);
  EXPECT_EQ(agents->hold_workspace("w1", pushing::epoch_max), pushing::epoch_max);
}

// An agent's epoch older than the one known is refused, also where the workspace is here.
TEST(AgentsEpochs, RefusesAnAgentsOlderEpoch) {
  pushed_store agents;
  agents.push({.agents_epoch = 20}, jobs);
  EXPECT_EQ(agents.push({.agents_epoch = 19}, jobs).is, outcome::kind::stale);
  EXPECT_EQ(agents.push({.agents_epoch = 20}, jobs).claimed, std::nullopt);
  // A later one says that it was elsewhere in between.
  EXPECT_EQ(agents.push({.agents_epoch = 21}, jobs).claimed, 21);
  // Without one, pushes may overtake each other.
  EXPECT_EQ(agents.push({.arrived = 3}, jobs).is, outcome::kind::applied);
}

// The service deleted the workspace: its series go at once, pushes that arrived before are refused.
TEST(AgentsEpochs, RemovesAWorkspace) {
  pushed_store agents;
  agents.push({.group = "a"}, jobs);
  agents.push({.group = "b"}, {gauge("load", {{"", 1}})});
  agents->remove_workspace("w1", 2'000);
  EXPECT_EQ(agents.text(), "");
  EXPECT_EQ(agents.push({.arrived = 2'000}, jobs).is, outcome::kind::stale);
  EXPECT_EQ(agents.push({.arrived = 2'001}, jobs).is, outcome::kind::applied);
  // Also where the agent's clock is ahead of the service's.
  agents.push({.agents_epoch = 9'000}, jobs);
  agents->remove_workspace("w1", 3'000);
  EXPECT_EQ(agents.push({.agents_epoch = 9'000}, jobs).is, outcome::kind::stale);
  EXPECT_EQ(agents.push({.agents_epoch = 9'001}, jobs).is, outcome::kind::applied);
  agents->remove_workspace("never", 2'000);
  EXPECT_EQ(agents.push({.workspace = "never", .arrived = 2'000}, jobs).is, outcome::kind::stale);
}

// After DELETE, or the end of its time, a push from before it was here is refused.
TEST(AgentsEpochs, RemembersSinceWhenItHadAWorkspace) {
  pushed_store agents({.ttl_ms = 5'000});
  agents.push({.arrived = 1'000}, jobs);
  agents->remove_group("w1", "job=agent");
  EXPECT_EQ(agents.push({.arrived = 999}, jobs).is, outcome::kind::stale);
  EXPECT_EQ(agents.push({.arrived = 1'000}, jobs).claimed, 1'000);
  now += 5'001;
  EXPECT_EQ(agents.push({.arrived = 999}, jobs).is, outcome::kind::stale);
  EXPECT_EQ(agents.push({.arrived = 1'700}, jobs).claimed, 1'700);
}

// That is remembered for a bounded time.
TEST(AgentsEpochs, ForgetsWhatEndedLongAgo) {
  pushed_store agents;
  agents.push({.arrived = 1'000}, jobs);
  auto const before = agents->count(now).bytes;
  for (int i = 0; i < 1'000; ++i) agents->release_workspace("gone" + std::to_string(i), 2'000);
  agents->release_workspace("w1", 2'000);
  agents->reclaim(now, 10);
  EXPECT_GT(agents->count(now).bytes, before + 1'000 * 64);
  now += 599'000;
  agents->reclaim(now, 10);
  EXPECT_EQ(agents.push({.arrived = 1'999}, jobs).is, outcome::kind::stale);
  now += 2'000;
  agents->reclaim(now, 10);
  EXPECT_LT(agents->count(now).bytes, before + 1'000 * 64);
  EXPECT_EQ(agents.push({.arrived = 1'999}, jobs).claimed, 1'999);
}

// One that comes and goes keeps no others.
TEST(AgentsEpochs, ForgetsThoseBehindOneThatComesAndGoes) {
  pushed_store agents;
  for (int i = 0; i < 1'000; ++i) {
    agents->release_workspace("gone" + std::to_string(i), 2'000);
    if (i == 0) agents.push({.arrived = 1'000}, jobs);
    if (i == 0) agents->remove_group("w1", "job=agent");
  }
  auto const before = agents->count(now).bytes;
  for (pushing::epoch at = 2'000; at < 2'004; ++at) {
    now += 300'000;
    agents.push({.arrived = at}, jobs);
    agents->remove_group("w1", "job=agent");
    agents->reclaim(now, 10);
  }
  EXPECT_LT(agents->count(now).bytes, before - 1'000 * 64);
}

// And of a bounded number of workspaces.
TEST(AgentsEpochs, ForgetsTheOldestOfMany) {
  pushed_store agents({.limits = {.workspaces_max = 5'000}});
  for (int i = 0; i < 5'000 + 10; ++i) agents->release_workspace(std::to_string(i), 2'000);
  agents->reclaim(now, 10);
  EXPECT_EQ(agents.push({.workspace = "9", .arrived = 1'999}, jobs).is, outcome::kind::applied);
  EXPECT_EQ(agents.push({.workspace = "10", .arrived = 1'999}, jobs).is, outcome::kind::stale);
}
