// Pushes in process, from any thread, and numbers that are made in code.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stele/diagnostics.hpp>

#include <array>
#include <atomic>
#include <cmath>
#include <string>
#include <thread>
#include <vector>

#include "agents_http_case.hpp"

namespace {

using namespace stele::test;
using stele::pushed_type;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::string exposed() { return stele::testing::exposition<sample::table>(); }

class AgentsInProcess : public testing::Test {
 protected:
  agents_case given;
  stele::agents agents = given.start<sample::table>();
};

// "returns when applied"
TEST_F(AgentsInProcess, APushIsAppliedWhenItReturns) {
  auto const done = agents.push({.user_id = "u9", .workspace_id = "w9"}, "here 1\n");
  EXPECT_TRUE(done) << done.message;
  EXPECT_EQ(done.status, 200U);
  EXPECT_THAT(exposed(),
              HasSubstr("coderd_workspace_here{user_id=\"u9\",workspace_id=\"w9\"} 1\n"));
}

TEST_F(AgentsInProcess, ItIsAnsweredAsAnyPush) {
  EXPECT_EQ(agents.push({.user_id = "", .workspace_id = "w"}, "a 1\n").status, 400U);
  auto const wrong = agents.push({.user_id = "u", .workspace_id = "w"}, "a b\n");
  EXPECT_EQ(wrong.status, 400U);
  EXPECT_FALSE(wrong);
  EXPECT_THAT(wrong.message, StartsWith("1:3: "));
  EXPECT_EQ(agents.push({.user_id = "u", .workspace_id = "w", .epoch = 1'600'000'000'000}, "a 1\n")
                .status,
            200U);
  EXPECT_EQ(agents.push({.user_id = "u", .workspace_id = "w", .epoch = 1'500'000'000'000}, "a 2\n")
                .status,
            409U);
}

// "the path's labels … Other grouping labels are exposed"; "two jobs of one workspace are two
// groups"
TEST_F(AgentsInProcess, AnOriginIsAGroup) {
  stele::pushed_label const labels[]{{"region", "e/u \"1\""}};
  EXPECT_TRUE(agents.push({.user_id = "u", .workspace_id = "w", .labels = labels}, "a 1\n"));
  EXPECT_TRUE(agents.push({.user_id = "u", .workspace_id = "w", .job = "other"}, "b 2\n"));
  EXPECT_THAT(exposed(),
              AllOf(HasSubstr("region=\"e/u \\\"1\\\"\"} 1\n"), HasSubstr("coderd_workspace_b{")));
  EXPECT_TRUE(
      agents.push({.user_id = "u", .workspace_id = "w", .job = "other", .adds = true}, "c 3\n"));
  EXPECT_THAT(exposed(), AllOf(HasSubstr("workspace_b{"), HasSubstr("workspace_c{")));
  EXPECT_EQ(agents.remove({.user_id = "u", .workspace_id = "w", .job = "other"}).status, 202U);
  EXPECT_THAT(exposed(), AllOf(HasSubstr("workspace_a{"), Not(HasSubstr("workspace_b{"))));
}

// "The service tells the aggregator when a workspace is deleted; its series go at once."
TEST_F(AgentsInProcess, ADeletedWorkspaceGoesAtOnce) {
  agents.push({.user_id = "u1", .workspace_id = "w1"}, "a 1\n");
  agents.push({.user_id = "u1", .workspace_id = "w1", .job = "other"}, "b 1\n");
  agents.push({.user_id = "u1", .workspace_id = "w2"}, "a 2\n");
  agents.remove_workspace("w1");
  EXPECT_THAT(exposed(), AllOf(Not(HasSubstr("\"w1\"")), HasSubstr("\"w2\"} 2\n")));
}

// "in process, from any thread"
TEST_F(AgentsInProcess, ManyThreadsPush) {
  constexpr int threads = 8;
  constexpr int pushes = 50;
  std::atomic<int> applied{0};
  std::vector<std::thread> all;
  for (int i = 0; i < threads; ++i)
    all.emplace_back([&, i] {
      std::string const workspace = "w" + std::to_string(i);
      for (int j = 0; j < pushes; ++j)
        applied += agents.push({.user_id = "u", .workspace_id = workspace},
                               "count " + std::to_string(j) + "\n")
                       ? 1
                       : 0;
    });
  for (int i = 0; i < 20; ++i) (void)exposed();
  for (auto& each : all) each.join();
  EXPECT_EQ(applied, threads * pushes);
  std::string const text = exposed();
  for (int i = 0; i < threads; ++i)
    EXPECT_THAT(text, HasSubstr("workspace_id=\"w" + std::to_string(i) + "\"} 49\n"));
}

// A push that waits while the agents are stopped is answered.
TEST_F(AgentsInProcess, StoppingAnswersWhoWaits) {
  std::atomic<bool> ended{false};
  std::vector<std::thread> all;
  std::atomic<int> refused{0};
  for (int i = 0; i < 4; ++i)
    all.emplace_back([&] {
      while (!ended)
        if (agents.push({.user_id = "u", .workspace_id = "w"}, "a 1\n").status == 503) ++refused;
    });
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  agents.stop();
  while (refused < 8) std::this_thread::yield();
  ended = true;
  for (auto& each : all) each.join();
  EXPECT_THAT(exposed(), Not(HasSubstr("coderd_workspace_")));
}

TEST_F(AgentsInProcess, NumbersAreMadeInCode) {
  stele::pushed numbers;
  constexpr std::array bounds{0.1, 1.0};
  constexpr std::array<std::uint64_t, 3> counts{1, 2, 4};
  constexpr std::array quantiles{0.5, 0.9};
  constexpr std::array values{3.0, 4.5};
  numbers.family("jobs_total", pushed_type::counter, "Jobs.\nAll \\ of them.")
      .value({{"queue", "a\"b"}}, 17)
      .value({{"queue", "c"}}, 0.1);
  numbers.family("load", pushed_type::gauge).value(HUGE_VAL);
  numbers.family("wait_seconds", pushed_type::histogram).buckets({{"q", "x"}}, bounds, counts, 2.5);
  numbers.family("took_seconds", pushed_type::summary).quantiles({}, quantiles, values, 9, 3);
  EXPECT_EQ(numbers.text(),
            "# HELP jobs_total Jobs.\\nAll \\\\ of them.\n"
            "# TYPE jobs_total counter\n"
            "jobs_total{queue=\"a\\\"b\"} 17\n"
            "jobs_total{queue=\"c\"} 0.1\n"
            "# TYPE load gauge\n"
            "load +Inf\n"
            "# TYPE wait_seconds histogram\n"
            "wait_seconds_bucket{q=\"x\",le=\"0.1\"} 1\n"
            "wait_seconds_bucket{q=\"x\",le=\"1\"} 3\n"
            "wait_seconds_bucket{q=\"x\",le=\"+Inf\"} 7\n"
            "wait_seconds_sum{q=\"x\"} 2.5\n"
            "wait_seconds_count{q=\"x\"} 7\n"
            "# TYPE took_seconds summary\n"
            "took_seconds{quantile=\"0.5\"} 3\n"
            "took_seconds{quantile=\"0.9\"} 4.5\n"
            "took_seconds_sum 9\n"
            "took_seconds_count 3\n");
  auto const done = agents.push({.user_id = "u1", .workspace_id = "w1"}, numbers);
  EXPECT_TRUE(done) << done.message;
  EXPECT_EQ(done.message, "");
  EXPECT_THAT(exposed(),
              AllOf(HasSubstr("# HELP coderd_workspace_jobs_total Jobs.\\nAll \\\\ of them.\n"),
                    HasSubstr("queue=\"a\\\"b\"} 17\n"), HasSubstr("coderd_workspace_load{"),
                    HasSubstr("le=\"+Inf\"} 7\n"), HasSubstr("quantile=\"0.9\"} 4.5\n")));
  stele::pushed cumulative;
  constexpr std::array<std::uint64_t, 3> sums{1, 3, 7};
  cumulative.family("wait_seconds", pushed_type::histogram)
      .cumulative_buckets({{"q", "x"}}, bounds, sums, 2.5);
  EXPECT_THAT(std::string(numbers.text()),
              HasSubstr(std::string(cumulative.text())));  // the same, counted otherwise
  numbers.clear();
  EXPECT_EQ(numbers.text(), "");
}

TEST_F(AgentsInProcess, OneThatWasMovedFromIsStopped) {
  stele::agents const moved = std::move(agents);
  EXPECT_NE(moved.port(), 0U);
  EXPECT_EQ(agents.port(), 0U);
  EXPECT_EQ(agents.push({.user_id = "u", .workspace_id = "w"}, "a 1\n").status, 503U);
}

}  // namespace
