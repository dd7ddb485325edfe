// The time of a scrape, and the gathers that scrapes share.

#include <sample.hpp>
#include <stele/testing.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "endpoint_case.hpp"

using sample::metric;
using stele::test::client;
using stele::test::start;
using namespace std::chrono_literals;

namespace {

std::string scrape_within(std::string const& seconds) {
  return "GET /metrics HTTP/1.1\r\nHost: x\r\nX-Prometheus-Scrape-Timeout-Seconds: " + seconds +
         "\r\n\r\n";
}

std::string const scrape = "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n";

/// A callback that takes some time, and counts its calls.
template <stele::fixed_string Name>
class slow_reading_of {
 public:
  explicit slow_reading_of(std::chrono::milliseconds takes)
      : reading_(metric<Name>.read_from([this, takes] {
          std::this_thread::sleep_for(takes);
          return ++calls_;
        })) {}
  [[nodiscard]] int calls() const noexcept { return calls_; }

 private:
  std::atomic<int> calls_{0};
  stele::reading reading_;
};
using slow_reading = slow_reading_of<"sample_events">;
using other_slow_reading = slow_reading_of<"sample_temperature_celsius">;

bool has(std::string const& body, std::string const& row) {
  return body.find("\n" + row + " ") != std::string::npos;
}

}  // namespace

// "`X-Prometheus-Scrape-Timeout-Seconds` (`4`, `0.5`, `10.000`) bounds the gather"
TEST(EndpointGather, AScrapersTimeoutBoundsTheCallbacks) {
  slow_reading const slow(4s);
  metric<"sample_queue_length">.set(7);
  auto endpoint = start();
  client connection(endpoint.port());
  auto const before = std::chrono::steady_clock::now();
  connection.send(scrape_within("2"));
  auto const answer = connection.read();
  EXPECT_LT(std::chrono::steady_clock::now() - before, 2s) << "the scraper is gone by now";
  EXPECT_EQ(answer.result_int(), 200U);
  EXPECT_NE(answer.body().find("\nsample_queue_length 7\n"), std::string::npos);
  EXPECT_EQ(answer.body().find("sample_events"), std::string::npos);
}

TEST(EndpointGather, ATimeoutThatCannotBeReadIsNone) {
  slow_reading const slow(50ms);
  auto endpoint = start();
  for (auto const* seconds : {"", "soon", "-1", "0", "nan"}) {
    client connection(endpoint.port());
    connection.send(scrape_within(seconds));
    EXPECT_NE(connection.read().body().find("\nsample_events "), std::string::npos) << seconds;
  }
}

// "past it 503, not half a body"
TEST(EndpointGather, WhatIsGatheredPastTheTimeoutIsNotSent) {
  metric<"sample_requests_total">.limit_series(100'000);
  for (int i = 0; i < 20'000; ++i)
    metric<"sample_requests_total">.with({.code = "200", .path = "/late/" + std::to_string(i)}).inc(0);
  auto endpoint = start();
  client connection(endpoint.port());
  connection.send(scrape_within("0.000001"));
  auto const answer = connection.read();
  EXPECT_EQ(answer.result_int(), 503U);
  EXPECT_EQ(answer["Retry-After"], "1");
  EXPECT_EQ(answer.body().find("sample_"), std::string::npos);
  EXPECT_NE(connection.get("/metrics").body().find("/late/19999"), std::string::npos);
  metric<"sample_requests_total">.clear();
}

// "Overlapping scrapes share one gather, never bytes."
TEST(EndpointGather, ScrapesThatOverlapAskACallbackOnce) {
  slow_reading const slow(300ms);
  auto endpoint = start();
  client first(endpoint.port());
  client second(endpoint.port());
  first.send(scrape);
  std::this_thread::sleep_for(100ms);
  second.send("GET /metrics HTTP/1.1\r\nHost: x\r\nAccept: application/openmetrics-text\r\n\r\n");
  auto const text = first.read().body();
  auto const openmetrics = second.read().body();
  EXPECT_NE(text.find("\nsample_events 1\n"), std::string::npos);
  EXPECT_NE(openmetrics.find("\nsample_events 1\n"), std::string::npos);
  EXPECT_TRUE(openmetrics.ends_with("# EOF\n")) << "it was sent another's bytes";
  EXPECT_EQ(slow.calls(), 1);
  first.get("/metrics");
  EXPECT_EQ(slow.calls(), 2) << "a later scrape was not gathered for";
}

// "A slow, malicious or vanished client never delays … another scrape": parts are not shared, so
// that each asks the callback anew.
TEST(EndpointGather, ManyThatAskForAPartDoNotDelayWhoAsksForAll) {
  slow_reading const slow(100ms);
  auto endpoint = start();
  std::vector<std::unique_ptr<client>> many;
  for (int i = 0; i < 30; ++i) {
    many.push_back(std::make_unique<client>(endpoint.port()));
    many.back()->send("GET /metrics?name[]=sample_events HTTP/1.1\r\nHost: x\r\n\r\n");
  }
  while (slow.calls() == 0) std::this_thread::sleep_for(5ms);
  EXPECT_TRUE(has(client(endpoint.port()).get("/metrics").body(), "sample_events"));
  EXPECT_LT(slow.calls(), 10) << "all that came before had their turns first";
  EXPECT_TRUE(has(many.front()->read().body(), "sample_events"));
}

TEST(EndpointGather, AnAgeOf0SharesNothing) {
  other_slow_reading const quick(0ms);
  slow_reading const slow(200ms);
  auto endpoint = start({.shared_gather_age_max = 0ms});
  client first(endpoint.port());
  client second(endpoint.port());
  first.send(scrape);
  std::this_thread::sleep_for(50ms);
  second.send(scrape);
  EXPECT_NE(first.read().body().find("\nsample_events 1\n"), std::string::npos);
  // Where both overlap, the callback is busy with the first.
  EXPECT_EQ(second.read().body().find("\nsample_events 1\n"), std::string::npos);
  EXPECT_EQ(quick.calls(), 2) << "its value was shared";
}

// What has no turn in the time of the one has it in that of the other, which is its own. There are
// more of them than the one can leave for being slow.
TEST(EndpointGather, AScraperInAHurryDoesNotCutTheTimeOfAnother) {
  std::vector<stele::reading> slow;
  for (auto const x : {sample::x::a, sample::x::b})
    for (auto const y : {sample::y::a, sample::y::b, sample::y::c, sample::y::d, sample::y::e,
                         sample::y::f, sample::y::g, sample::y::h, sample::y::i, sample::y::j})
      slow.push_back(metric<"sample_wide_level">.with({.x = x, .y = y}).read_from([] {
        std::this_thread::sleep_for(50ms);
        return 4321;
      }));
  auto const seen = [](std::string const& body) {
    int count = 0;
    for (auto at = body.find(" 4321\n"); at != body.npos; at = body.find(" 4321\n", at + 1))
      ++count;
    return count;
  };
  auto endpoint = start();
  client hurries(endpoint.port());
  client waits(endpoint.port());
  hurries.send(scrape_within("0.2"));
  std::this_thread::sleep_for(50ms);
  waits.send(scrape);
  int const in_a_hurry = seen(hurries.read().body());
  EXPECT_LT(in_a_hurry, 10);
  // Those that the first one has begun may be left out as busy.
  EXPECT_GT(seen(waits.read().body()), in_a_hurry);
}

// "At the scrape's deadline the family of a callback that is still running is skipped": at that of
// each scrape, also where it shares the gather of another that may wait for longer.
TEST(EndpointGather, AScraperInAHurryGetsWhatIsThereOfAGatherThatItShares) {
  other_slow_reading const quick(0ms);
  slow_reading const slow(4s);
  auto endpoint = start();
  client waits(endpoint.port());
  client hurries(endpoint.port());
  waits.send(scrape);
  std::this_thread::sleep_for(50ms);
  auto const before = std::chrono::steady_clock::now();
  hurries.send(scrape_within("2"));
  auto const answer = hurries.read();
  EXPECT_LT(std::chrono::steady_clock::now() - before, 2s) << "the scraper is gone by now";
  EXPECT_EQ(answer.result_int(), 200U);
  EXPECT_FALSE(has(answer.body(), "sample_events"));
  EXPECT_TRUE(has(answer.body(), "sample_temperature_celsius"));
  auto const all = waits.read().body();
  EXPECT_TRUE(has(all, "sample_events")) << "who left took another's values away";
  EXPECT_TRUE(has(all, "sample_temperature_celsius"));
}

// It waits for the callback that both want, as long as it may.
TEST(EndpointGather, AScraperInAHurrySharesWhatEndsInItsTime) {
  slow_reading const slow(400ms);
  auto endpoint = start();
  client waits(endpoint.port());
  client hurries(endpoint.port());
  waits.send(scrape);
  std::this_thread::sleep_for(50ms);
  hurries.send(scrape_within("2"));
  EXPECT_TRUE(has(hurries.read().body(), "sample_events"));
  EXPECT_TRUE(has(waits.read().body(), "sample_events"));
  EXPECT_EQ(slow.calls(), 1);
}

// Who has read an answer to its end, and asks again, sees what was counted in between.
TEST(EndpointGather, AnAnswerThatWasReadIsNotServedAgain) {
  auto endpoint = start({.shared_gather_age_max = 10s});
  for (int i = 0; i < 300; ++i) {
    metric<"sample_queue_length">.set(i);
    auto const body = client(endpoint.port()).get("/metrics").body();
    ASSERT_NE(body.find("\nsample_queue_length " + std::to_string(i) + "\n"), std::string::npos);
  }
}

// "A slow reader that holds its snapshot does not make later scrapes stale."
TEST(EndpointGather, ASlowReadersValuesAreSharedUntilTheyAreOld) {
  metric<"sample_requests_total">.limit_series(100'000);
  std::string const path = "/slow/" + std::string(500, 'x');
  for (int i = 0; i < 12'000; ++i)
    metric<"sample_requests_total">.with({.code = "200", .path = path + std::to_string(i)}).inc(0);
  for (auto const age_max : {10'000ms, 100ms}) {
    slow_reading const gathers(0ms);
    auto endpoint = start({.shared_gather_age_max = age_max});
    client slow(endpoint.port());
    slow.take_little();
    slow.send(scrape);
    std::this_thread::sleep_for(300ms);  // the response fills the socket's buffers, and waits
    metric<"sample_queue_length">.inc();
    client(endpoint.port()).get("/metrics");
    EXPECT_EQ(gathers.calls(), age_max > 1s ? 1 : 2);
    EXPECT_NE(slow.read().body().find("\nsample_events 1\n"), std::string::npos);
    client(endpoint.port()).get("/metrics");
    EXPECT_EQ(gathers.calls(), age_max > 1s ? 2 : 3) << "values that a client has were shared";
  }
  metric<"sample_requests_total">.clear();
}
