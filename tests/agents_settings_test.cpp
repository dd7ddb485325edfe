// The settings of the agents' library: its YAML file, and the options that say the same.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "agents/settings.hpp"

namespace {

using namespace stele::pushing;
using stele::securing::problems;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

struct read_file {
  explicit read_file(std::string_view text, stele::agents_options const& options = {}) {
    problems seen;
    made = settings_of(options, seen);
    read_settings("agents.yml", text, made, seen);
    if (seen.empty()) check_settings("agents.yml", made, seen);
    fault = seen.text();
  }
  agents_settings made;
  std::string fault;
};

std::string fault_of(std::string_view text) { return read_file(text).fault; }

// "Configured by a YAML file and by options."
TEST(AgentsSettings, AFileHasAllOfThem) {
  read_file const file(R"(prefix: shop_agent_
ttl: 90s
limits:
  series_per_push_max: 10
  series_max: 500
  receiving_bytes_max: 33554432
queue: {bundles_max: 7, bytes_max: 1000}
drop:
  metrics: [go_*, debug]
  labels: [pid]
aggregate:
  by: [user_id, template]
  functions:
    cpu_*: max
    "*": last
peers:
  urls: ["https://coderd-2:2113", "http://[::1]:2113"]
  token_file: peer-token
  ca_file: /etc/ca.pem
)");
  ASSERT_EQ(file.fault, "");
  EXPECT_EQ(file.made.prefix, "shop_agent_");
  EXPECT_EQ(file.made.ttl_ms, 90'000);
  EXPECT_EQ(file.made.limits.series_per_push_max, 10U);
  EXPECT_EQ(file.made.limits.series_max, 500U);
  EXPECT_EQ(file.made.limits.workspaces_max, push_limits{}.workspaces_max);  // not said
  EXPECT_EQ(file.made.receiving_bytes_max, 33'554'432U);
  EXPECT_EQ(file.made.queue.bundles_max, 7U);
  EXPECT_EQ(file.made.queue.bytes_max, 1000U);
  EXPECT_THAT(file.made.rules.drop_metrics, ElementsAre("go_*", "debug"));
  EXPECT_THAT(file.made.rules.drop_labels, ElementsAre("pid"));
  EXPECT_EQ(file.made.rules.keep,
            (kept_labels{kept_labels::which::these, {"user_id", "template"}}));
  EXPECT_THAT(file.made.rules.functions, ElementsAre(stated_function{"cpu_*", join_function::max},
                                                     stated_function{"*", join_function::last}));
  EXPECT_THAT(file.made.peers.urls, ElementsAre("https://coderd-2:2113", "http://[::1]:2113"));
  EXPECT_EQ(file.made.peers.token_file, "peer-token");
  EXPECT_EQ(file.made.peers.ca_file, "/etc/ca.pem");
}

TEST(AgentsSettings, OptionsHaveTheSame) {
  constexpr std::string_view metrics[]{"go_*"};
  constexpr std::string_view kept[]{"user_id"};
  constexpr stele::join_rule rules[]{{"*", join_function::min}};
  read_file const file(
      "ttl: 3m\n",
      {.prefix = "shop_",
       .ttl = stele::whole_milliseconds(5'000),
       .limits = {.series_max = 9},
       .queue_bundles_max = 3,
       .drop_metrics = metrics,
       .aggregate = {.by = stele::aggregate_by::these, .labels = kept, .functions = rules}});
  ASSERT_EQ(file.fault, "");
  EXPECT_EQ(file.made.ttl_ms, 180'000);  // "What it says counts more than what the fields say."
  EXPECT_EQ(file.made.prefix, "shop_");
  EXPECT_EQ(file.made.limits.series_max, 9U);
  EXPECT_EQ(file.made.queue.bundles_max, 3U);
  EXPECT_THAT(file.made.rules.drop_metrics, ElementsAre("go_*"));
  EXPECT_THAT(file.made.rules.keep.names, ElementsAre("user_id"));
  EXPECT_THAT(file.made.rules.functions, ElementsAre(stated_function{"*", join_function::min}));
}

// "none and all being distinct"
TEST(AgentsSettings, AllAndNoneAreOpposites) {
  EXPECT_EQ(read_file("").made.rules.keep.is, kept_labels::which::all);
  EXPECT_EQ(read_file("aggregate: {by: all}").made.rules.keep.is, kept_labels::which::all);
  EXPECT_EQ(read_file("aggregate: {by: none}").made.rules.keep.is, kept_labels::which::none);
}

TEST(AgentsSettings, AnEmptyListIsAnErrorThatSaysSo) {
  EXPECT_EQ(fault_of("aggregate:\n  by: []\n"),
            "agents.yml:2:7: error: aggregate.by: expected at least one, saw an empty list; write "
            "`all` for no aggregation, `none` for one series a metric, or the labels to keep");
  EXPECT_EQ(fault_of("drop: {labels: []}\n"),
            "agents.yml:1:16: error: drop.labels: expected at least one, saw an empty list; remove "
            "the key to drop none");
  stele::agents_options const options{.aggregate = {.by = stele::aggregate_by::these}};
  EXPECT_THAT(read_file("", options).fault,
              HasSubstr(".aggregate.labels: expected at least one label"));
}

// "All errors at once, with file:line:column, expected, saw, fix."
TEST(AgentsSettings, AllErrorsAreSaidAtOnce) {
  std::string const fault = fault_of(R"(prefx: a_
ttl: 2
limits:
  series_maximum: 1
  series_max: 0
  workspaces_max: many
queue: [1]
drop:
  metrics: ["a-b", ok, ok]
aggregate:
  by: al
  functions: {x: avg, y: lats}
peers:
  urls: [coderd-2, "https://u:p@h"]
)");
  for (std::string_view const line : {
           "agents.yml:1:1: error: expected prefix, ttl, limits, queue, drop, aggregate or peers, "
           "saw the key 'prefx'; did you mean 'prefix'?",
           "agents.yml:2:6: error: ttl: expected a duration with a unit, as in 2m or 90s, saw '2'",
           "agents.yml:4:3: error: limits: expected body_bytes_max, ",
           "saw the key 'series_maximum'",
           "agents.yml:5:15: error: limits.series_max: expected a whole number from 1 to ",
           "saw 0; leave it out for the default",
           "agents.yml:6:19: error: limits.workspaces_max: expected a whole number",
           "agents.yml:7:8: error: queue: expected keys with values, as in `key: value`, saw a "
           "list",
           "agents.yml:9:13: error: drop.metrics: expected a metric's name as agents push it",
           "agents.yml:9:24: error: drop.metrics: expected each once, saw 'ok' again",
           "agents.yml:11:7: error: aggregate.by: expected `all` for no aggregation",
           "saw 'al'; did you mean 'all'?",
           "agents.yml:12:18: error: aggregate.functions.x: expected sum, max, min or last, saw "
           "'avg'",
           "saw 'lats'; did you mean 'last'?",
           "agents.yml:14:10: error: peers.urls: expected http:// or https://",
       })
    EXPECT_THAT(fault, HasSubstr(line));
}

TEST(AgentsSettings, WhatIsWrongTogetherIsSaid) {
  EXPECT_THAT(fault_of("peers: {urls: [\"http://a:1\"]}"),
              HasSubstr("agents.yml: error: peers.token_file: expected a file beside the URLs"));
  EXPECT_THAT(fault_of("drop: {labels: [pid]}\naggregate: {by: [pid]}"),
              HasSubstr("aggregate.by: expected labels that are not dropped, saw 'pid'"));
  EXPECT_THAT(fault_of("limits: {body_bytes_max: 1000000000000}"),
              HasSubstr("receiving_bytes_max: expected at least body_bytes_max"));
}

TEST(AgentsSettings, AValueHasItsRange) {
  EXPECT_THAT(fault_of("ttl: 1ms"), HasSubstr("expected 1s to 168h"));
  EXPECT_THAT(fault_of("ttl: 200h"), HasSubstr("expected 1s to 168h"));
  EXPECT_THAT(fault_of("ttl: 168h"), IsEmpty());
  EXPECT_THAT(fault_of("prefix: 9a"), HasSubstr("prefix: expected the beginning of a metric's"));
  EXPECT_THAT(fault_of("drop: {labels: [le]}"), HasSubstr("which tells the parts of one series"));
  stele::agents_options const options{.limits = {.series_max = 0}, .queue_bytes_max = 0};
  EXPECT_THAT(read_file("", options).fault, HasSubstr(".limits.series_max: expected a whole"));
  EXPECT_THAT(read_file("", options).fault, HasSubstr(".queue_bytes_max: expected a whole"));
  constexpr std::string_view right[]{"http://a", "http://a:1", "https://[::1]:65535"};
  EXPECT_THAT(read_file("peers: {token_file: t}", {.peer_urls = right}).fault, IsEmpty());
  for (std::string_view const url :
       {"http://:1", "http://a:0", "http://a:65536", "http://a:1x", "http://a:"}) {
    std::string_view const urls[]{url};
    EXPECT_THAT(read_file("", {.peer_urls = urls}).fault, HasSubstr(".peer_urls: expected http"));
  }
  EXPECT_THAT(read_file("", {.reload_check_time = stele::whole_milliseconds(-1)}).fault,
              HasSubstr(".reload_check_time: expected 0"));
  EXPECT_THAT(read_file("", {.aggregate = {.by = static_cast<stele::aggregate_by>(9)}}).fault,
              HasSubstr(".aggregate.by: expected all, none or these"));
}

// What a file says is named by its keys, what a program says by its fields.
TEST(AgentsSettings, NamesWhatIsWrongTogetherAsItWasWritten) {
  constexpr std::string_view urls[]{"http://a:1"};
  constexpr std::string_view labels[]{"pid"};
  problems seen;
  auto const made = settings_of({.drop_labels = labels,
                                 .aggregate = {.by = stele::aggregate_by::these, .labels = labels},
                                 .peer_urls = urls},
                                seen);
  check_settings({}, made, seen);
  EXPECT_THAT(seen.text(),
              AllOf(HasSubstr("serve_agents: error: .peer_token_file: expected a file"),
                    HasSubstr("serve_agents: error: .aggregate.labels: expected labels that")));
}

}  // namespace
