// The rows about the pushed series: the six of the aggregator, and those of Stele itself; and two
// instances that are peers.

#include <coderd.hpp>
#include <stele_self.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <string_view>
#include <thread>

#include "agents/aggregator_rows.hpp"
#include "agents_http_case.hpp"
#include "push_stub.hpp"
#include "soon.hpp"

namespace {

using namespace stele::test;
using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

template <class Table>
double shown(std::string const& series) {
  std::string const text = "\n" + stele::testing::exposition<Table>();
  std::size_t const at = text.find("\n" + series + " ");
  return at == std::string::npos ? -1 : std::stod(text.substr(at + series.size() + 2));
}
double row(std::string const& name) {
  return shown<coderd::table>("coderd_agent_aggregator_" + name);
}

class AgentsRows : public testing::Test {
 protected:
  agents_case given;
};

// "…_count_total: pushed metrics (label sets; a histogram is one) held for exposition now";
// "…_workspace_count_total: workspaces that hold at least one live group now"
TEST_F(AgentsRows, CountWhatIsHeld) {
  auto agents = given.start<coderd::table>();
  EXPECT_EQ(row("count_total"), 0);
  EXPECT_EQ(row("workspace_count_total"), 0);
  EXPECT_EQ(row("agent_push_backlog"), 0);
  EXPECT_EQ(row("collect_backlog"), 0);
  EXPECT_EQ(row("delete_backlog"), 0);
  agents.push({.user_id = "u", .workspace_id = "w1"},
              "# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 2\nh_sum 3\n"
              "h_count 2\n# TYPE g gauge\ng{a=\"1\"} 1\ng{a=\"2\"} 1\n");
  agents.push({.user_id = "u", .workspace_id = "w1", .job = "other"}, "x 1\n");
  agents.push({.user_id = "u", .workspace_id = "w2"}, "x 1\n");
  EXPECT_EQ(row("count_total"), 5);
  EXPECT_EQ(row("workspace_count_total"), 2);
  agents.remove({.user_id = "u", .workspace_id = "w1", .job = "other"});
  EXPECT_EQ(row("count_total"), 4);
  EXPECT_EQ(row("workspace_count_total"), 2);
}

// "…_delete_backlog: workspaces whose end is known and whose series are not reclaimed yet"
TEST_F(AgentsRows, EndedWorkspacesAreReclaimed) {
  auto agents = given.start<coderd::table>();
  // Once a second memory is taken back, perhaps between the end and the look at it.
  bool is_shown = false;
  for (int i = 0; i < 20 && !is_shown; ++i) {
    agents.push({.user_id = "u", .workspace_id = "w1"}, "x 1\n");
    agents.remove_workspace("w1");
    is_shown = row("delete_backlog") == 1;
    EXPECT_EQ(row("workspace_count_total"), 0);
  }
  EXPECT_TRUE(is_shown);
  EXPECT_TRUE(soon([] { return row("delete_backlog") == 0; }));
}

/// Whose numbers are all different.
struct five_numbers final : stele::pushing::aggregator_source {
  stele::pushing::aggregator_numbers count() override {
    return {.push_backlog = 1,
            .collect_backlog = 20,
            .series = 300,
            .delete_backlog = 4'000,
            .workspaces = 50'000};
  }
};

// Each row shows its own number, of all sources.
TEST_F(AgentsRows, EachRowHasItsOwnNumber) {
  stele::pushing::feed_aggregator_rows(stele::link_of<coderd::table>);
  five_numbers source;
  stele::pushing::aggregator_entry const one(source);
  EXPECT_EQ(row("agent_push_backlog"), 1);
  EXPECT_EQ(row("collect_backlog"), 20);
  EXPECT_EQ(row("count_total"), 300);
  EXPECT_EQ(row("delete_backlog"), 4'000);
  EXPECT_EQ(row("workspace_count_total"), 50'000);
  stele::pushing::aggregator_entry const another(source);
  EXPECT_EQ(row("agent_push_backlog"), 2);
  EXPECT_EQ(row("collect_backlog"), 40);
}

// "…_collect_nanoseconds: time of one gather of all pushed series, in nanoseconds"
TEST_F(AgentsRows, EachGatherIsTimed) {
  auto agents = given.start<coderd::table>();
  double const before = row("collect_nanoseconds_count");
  double const sum = row("collect_nanoseconds_sum");
  EXPECT_GE(before, 0);  // exposed from the start
  for (int i = 0; i < 5; ++i) (void)stele::testing::exposition<coderd::table>();
  EXPECT_GE(row("collect_nanoseconds_count"), before + 5);
  EXPECT_GT(row("collect_nanoseconds_sum"), sum);
  // One that is asked for a part is none of all pushed series.
  double const whole = row("collect_nanoseconds_count");
  auto made = stele::serve<coderd::table>({.port = 0});
  ASSERT_TRUE(made);
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(client(made->port()).get("/metrics?name[]=up").result_int(), 200U);
  EXPECT_LE(row("collect_nanoseconds_count"), whole + 1);  // the one that shows it
}

TEST_F(AgentsRows, AreStillThereAfterTheEnd) {
  {
    auto agents = given.start<coderd::table>();
    agents.push({.user_id = "u", .workspace_id = "w1"}, "x 1\n");
    EXPECT_EQ(row("count_total"), 1);
  }
  EXPECT_EQ(row("count_total"), 0);
  auto again = given.start<coderd::table>();  // nothing of the first one is left
  EXPECT_EQ(row("count_total"), 0);
}

// "counted": each result of a push is a series.
TEST_F(AgentsRows, ResultsAreCounted) {
  stele::feed_self_rows<stele_self::table>();
  auto agents = given.start<coderd::table>({.limits = {.body_bytes_max = 1000}});
  auto const results = [](std::string const& which) {
    return shown<stele_self::table>("stele_agents_pushes_total{result=\"" + which + "\"}");
  };
  double const applied = results("applied");
  double const unauthorized = results("unauthorized");
  double const forbidden = results("forbidden");
  double const cut = results("cut");
  double const too_large = results("too_large");
  double const refused =
      shown<stele_self::table>("stele_agents_refused_families_total{reason=\"type\"}");
  double const helps = shown<stele_self::table>("stele_agents_other_helps_total");
  EXPECT_GE(applied, 0);
  EXPECT_GE(helps, 0);
  given.put(agents, "w1", "# TYPE load gauge\nload 1\n");
  given.put(agents, "w2", "# TYPE load counter\nload 1\n# TYPE b gauge\nb 2\n");
  given.put(agents, "w9", "a 1\n");
  agents_case::ask(agents, "PUT", path_of("w2"), "a 1\n",
                   {{"Authorization", "Bearer " + token_of("w1")}});
  given.put(agents, "w1", std::string(2000, '\n'));
  {
    client from(agents.port());
    from.send("PUT " + path_of("w1") + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " +
              token_of("w1") + "\r\nContent-Length: 100\r\n\r\na 1");
    std::this_thread::sleep_for(50ms);
  }
  EXPECT_EQ(results("applied"), applied + 2);
  EXPECT_EQ(results("unauthorized"), unauthorized + 1);
  EXPECT_EQ(results("forbidden"), forbidden + 1);
  EXPECT_EQ(results("too_large"), too_large + 1);
  EXPECT_TRUE(soon([&] { return results("cut") == cut + 1; }));
  EXPECT_EQ(shown<stele_self::table>("stele_agents_refused_families_total{reason=\"type\"}"),
            refused + 1);
  given.put(agents, "w1", "# HELP load One.\n# TYPE load gauge\nload 1\n");
  given.put(agents, "w2", "# HELP load Other.\n# TYPE load gauge\nload 1\n");
  EXPECT_TRUE(
      soon([&] { return shown<stele_self::table>("stele_agents_other_helps_total") > helps; }));
}

// "A peer that holds an older epoch drops the workspace at once"
TEST_F(AgentsRows, AWorkspaceMovesToThePeerThatItPushesTo) {
  auto const secret = given.folder.write("peers", "token-of-all-instances\n");
  auto old_one = given.start<sample::table>({.peer_token_file = secret});
  std::string const url = "http://127.0.0.1:" + std::to_string(old_one.port());
  std::string_view const urls[]{url};
  auto new_one = given.start<coderd::table>({.peer_urls = urls, .peer_token_file = secret});
  ASSERT_EQ(given.put(old_one, "w1", "moved 1\n").result_int(), 200U);
  ASSERT_EQ(given.put(old_one, "w2", "moved 1\n").result_int(), 200U);
  std::this_thread::sleep_for(10ms);  // epochs are milliseconds
  ASSERT_EQ(given.put(new_one, "w1", "moved 2\n").result_int(), 200U);
  EXPECT_TRUE(soon([] {
    return !testing::Matches(HasSubstr("\"w1\""))(stele::testing::exposition<sample::table>());
  }));
  EXPECT_THAT(stele::testing::exposition<sample::table>(), HasSubstr("workspace_id=\"w2\"} 1\n"));
  EXPECT_THAT(stele::testing::exposition<coderd::table>(), HasSubstr("workspace_id=\"w1\"} 2\n"));
}

// "else a peer's clock is ahead": the agent is here now.
TEST_F(AgentsRows, AnInstanceWhoseClockIsBehindKeepsTheAgent) {
  auto const secret = given.folder.write("peers", "token-of-all-instances\n");
  auto ahead = given.start<sample::table>({.peer_token_file = secret});
  std::string const url = "http://127.0.0.1:" + std::to_string(ahead.port());
  std::string_view const urls[]{url};
  auto behind = given.start<coderd::table>({.peer_urls = urls, .peer_token_file = secret});
  std::string const later = std::to_string(stele::core::unix_milliseconds() + 300'000);
  ASSERT_EQ(given.put(ahead, "w1", "a 1\n", {{"Stele-Epoch", later}}).result_int(), 200U);
  ASSERT_EQ(given.put(behind, "w1", "a 2\n").result_int(), 200U);
  EXPECT_TRUE(soon([] {
    return !testing::Matches(HasSubstr("\"w1\""))(stele::testing::exposition<sample::table>());
  }));
  EXPECT_THAT(stele::testing::exposition<coderd::table>(), HasSubstr("workspace_id=\"w1\"} 2\n"));
  EXPECT_EQ(given.put(behind, "w1", "a 3\n").result_int(), 200U);
}

// "else the workspace is let go": where the agent says its epochs, a later one is right.
TEST_F(AgentsRows, AnAgentsOlderConnectionIsLetGo) {
  auto const secret = given.folder.write("peers", "token-of-all-instances\n");
  auto newer = given.start<sample::table>({.peer_token_file = secret});
  std::string const url = "http://127.0.0.1:" + std::to_string(newer.port());
  std::string_view const urls[]{url};
  auto older = given.start<coderd::table>({.peer_urls = urls, .peer_token_file = secret});
  ASSERT_EQ(given.put(newer, "w1", "a 1\n", {{"Stele-Epoch", "2000"}}).result_int(), 200U);
  ASSERT_EQ(given.put(older, "w1", "a 2\n", {{"Stele-Epoch", "1000"}}).result_int(), 200U);
  EXPECT_TRUE(soon([] {
    return !testing::Matches(HasSubstr("\"w1\""))(stele::testing::exposition<coderd::table>());
  }));
  EXPECT_THAT(stele::testing::exposition<sample::table>(), HasSubstr("workspace_id=\"w1\"} 1\n"));
  EXPECT_EQ(given.put(older, "w1", "a 3\n", {{"Stele-Epoch", "1000"}}).result_int(), 409U);
}

// An agent that says one epoch to two instances, as behind a balancer, has one connection: one of
// them has it, whichever is pushed to last.
TEST_F(AgentsRows, OfTwoInstancesWithOneEpochOneLetsGo) {
  auto const secret = given.folder.write("peers", "token-of-all-instances\n");
  std::uint16_t const port = given.start<sample::table>().port();  // a free one, from here on
  std::string const url = "http://127.0.0.1:" + std::to_string(port);
  std::string_view const urls[]{url};
  auto other = given.start<coderd::table>({.peer_urls = urls, .peer_token_file = secret});
  std::string const other_url = "http://127.0.0.1:" + std::to_string(other.port());
  std::string_view const other_urls[]{other_url};
  auto one = given.start<sample::table>(
      {.port = port, .peer_urls = other_urls, .peer_token_file = secret});
  auto const shows = [](std::string const& text) {
    return text.find("\ncoderd_workspace_a{") != std::string::npos ? 1 : 0;
  };
  for (int i = 0; i < 3; ++i) {
    for (auto* const each : {&one, &other})
      ASSERT_EQ(given.put(*each, "w1", "a 1\n", {{"Stele-Epoch", "2000"}}).result_int(), 200U);
    EXPECT_TRUE(soon([&] {
      return shows(stele::testing::exposition<sample::table>()) +
                 shows(stele::testing::exposition<coderd::table>()) ==
             1;
    }));
  }
}

// What a peer has not taken yet is told with the token that its file has now.
TEST_F(AgentsRows, ClaimsThatWaitAreToldWithANewToken) {
  push_stub peer([](push_stub::request const& asked) {
    return push_stub::answer(asked.has("bearer another-token") ? 200 : 401);
  });
  auto const secret = given.folder.write("peers", "the-first-token-of-all\n");
  std::string const url = peer.url();
  std::string_view const urls[]{url};
  auto agents = given.start<coderd::table>({.reload_check_time = stele::whole_milliseconds(10),
                                            .peer_urls = urls,
                                            .peer_token_file = secret});
  ASSERT_EQ(given.put(agents, "w1", "a 1\n").result_int(), 200U);
  peer.wait_for(1);
  given.folder.write("peers", "another-token-of-all-instances\n");
  ASSERT_TRUE(soon([&] {
    return agents_case::ask(agents, "POST", "/-/claims", "1 other\n",
                            {{"Authorization", "Bearer another-token-of-all-instances"}})
               .result_int() == 200U;
  }));
  ASSERT_EQ(given.put(agents, "w2", "a 1\n").result_int(), 200U);
  EXPECT_TRUE(soon([&] {
    std::string taken;
    for (auto const& each : peer.requests())
      if (each.has("bearer another-token")) taken += each.body;
    return taken.find(" w1\n") != std::string::npos && taken.find(" w2\n") != std::string::npos;
  }));
}

// The limits are of agents' pushes.
TEST_F(AgentsRows, ClaimsHaveABoundOfTheirOwn) {
  stele::feed_self_rows<stele_self::table>();
  auto const results = [](std::string const& which) {
    return shown<stele_self::table>("stele_agents_pushes_total{result=\"" + which + "\"}");
  };
  auto const secret = given.folder.write("peers", "token-of-all-instances\n");
  auto agents = given.start<sample::table>({.limits = {.body_bytes_max = 1'000},
                                            .receiving_bytes_max = 1'000,
                                            .peer_token_file = secret});
  double const too_large = results("too_large");
  double const queue_full = results("queue_full");
  // All that may come in of agents at once does.
  client full(agents.port());
  full.send("PUT " + path_of("w1") + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " +
            token_of("w1") + "\r\nContent-Length: 1000\r\n\r\n" + std::string(999, '\n'));
  EXPECT_TRUE(soon([&] { return given.put(agents, "w2", "a 1\n").result_int() == 503U; }));
  double const refused = results("queue_full");
  EXPECT_GT(refused, queue_full);
  std::string storm;
  for (int i = 0; i < 10'000; ++i) storm += "1700000000000 workspace-" + std::to_string(i) + "\n";
  auto const claim = [&](std::string const& body) {
    return agents_case::ask(agents, "POST", "/-/claims", body,
                            {{"Authorization", "Bearer token-of-all-instances"}});
  };
  auto const said = claim(storm);
  EXPECT_EQ(said.result_int(), 200U) << said.body();
  client huge(agents.port());
  huge.send(
      "POST /-/claims HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer token-of-all-instances\r\n"
      "Content-Length: 1048577\r\n\r\n");
  auto const refusal = huge.read();
  EXPECT_EQ(refusal.result_int(), 413U);
  EXPECT_THAT(refusal.body(), HasSubstr("several requests"));
  EXPECT_EQ(results("too_large"), too_large);  // none of these is a push
  EXPECT_EQ(results("queue_full"), refused);
}

// Of a peer, to the end of the year 9999: one more can always be told. Of an agent, to ten minutes
// ahead of the clock: one that no clock says would hold off every push that comes after.
TEST_F(AgentsRows, EpochsHaveAnEnd) {
  auto const secret = given.folder.write("peers", "token-of-all-instances\n");
  auto agents = given.start<sample::table>({.peer_token_file = secret});
  auto const claim = [&](std::string const& epoch) {
    return agents_case::ask(agents, "POST", "/-/claims", epoch + " w9\n",
                            {{"Authorization", "Bearer token-of-all-instances"}})
        .result_int();
  };
  auto const put = [&](std::string const& epoch) {
    return given.put(agents, "w1", "a 1\n", {{"Stele-Epoch", epoch}});
  };
  auto const in_process = [&](std::int64_t epoch) {
    return agents.push({.user_id = "u", .workspace_id = "w", .epoch = epoch}, "a 1\n").status;
  };
  for (std::string const wrong : {"253402300800000", "9223372036854775807", "0", "-1"})
    EXPECT_EQ(claim(wrong), 400U) << wrong;
  EXPECT_EQ(claim("253402300799999"), 200U);
  std::int64_t const ahead = stele::core::unix_milliseconds() + 600'000;
  for (std::int64_t const wrong : {std::int64_t{-1}, ahead + 5'000}) {
    auto const said = put(std::to_string(wrong));
    EXPECT_EQ(said.result_int(), 400U) << wrong;
    EXPECT_THAT(said.body(), HasSubstr("ten minutes ahead of this instance's clock"));
    EXPECT_EQ(in_process(wrong), 400U) << wrong;
  }
  EXPECT_EQ(put(std::to_string(ahead)).result_int(), 200U);
  EXPECT_EQ(in_process(ahead), 200U);
}

// "a token of their own"
TEST_F(AgentsRows, ClaimsNeedThePeersToken) {
  auto const secret = given.folder.write("peers", "token-of-all-instances\n");
  auto agents = given.start<sample::table>({.peer_token_file = secret});
  ASSERT_EQ(given.put(agents, "w1", "a 1\n").result_int(), 200U);
  auto const claim = [&](std::string const& token, std::string_view method = "POST") {
    return agents_case::ask(agents, method, "/-/claims", "2900000000000 w1\n",
                            {{"Authorization", "Bearer " + token}});
  };
  EXPECT_EQ(claim(token_of("w1")).result_int(), 401U);
  EXPECT_EQ(claim("token-of-all-instances", "PUT").result_int(), 405U);
  EXPECT_THAT(stele::testing::exposition<sample::table>(), HasSubstr("\"w1\""));
  EXPECT_EQ(claim("token-of-all-instances").result_int(), 200U);
  EXPECT_THAT(stele::testing::exposition<sample::table>(), Not(HasSubstr("\"w1\"")));
  // "a delayed push cannot bring a moved workspace back"
  EXPECT_EQ(given.put(agents, "w1", "a 1\n").result_int(), 409U);
}

}  // namespace
