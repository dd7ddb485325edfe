// The time of a scrape, and the gathers that scrapes share.

#include <sample.hpp>
#include <stele/testing.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
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
class slow_reading {
 public:
  explicit slow_reading(std::chrono::milliseconds takes)
      : reading_(metric<"sample_events">.read_from([this, takes] {
          std::this_thread::sleep_for(takes);
          return ++calls_;
        })) {}
  [[nodiscard]] int calls() const noexcept { return calls_; }

 private:
  std::atomic<int> calls_{0};
  stele::reading reading_;
};

}  // namespace

// "`X-Prometheus-Scrape-Timeout-Seconds` (`4`, `0.5`, `10.000`) bounds the gather"
TEST(EndpointGather, AScrapersTimeoutBoundsTheCallbacks) {
  slow_reading const slow(1500ms);
  metric<"sample_queue_length">.set(7);
  auto endpoint = start();
  client connection(endpoint.port());
  auto const before = std::chrono::steady_clock::now();
  connection.send(scrape_within("0.4"));
  auto const answer = connection.read();
  EXPECT_LT(std::chrono::steady_clock::now() - before, 400ms) << "the scraper is gone by now";
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

TEST(EndpointGather, AnAgeOf0SharesNothing) {
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
}

TEST(EndpointGather, AScraperInAHurryDoesNotCutTheTimeOfAnother) {
  slow_reading const slow(400ms);
  auto endpoint = start();
  client hurries(endpoint.port());
  client waits(endpoint.port());
  hurries.send(scrape_within("0.2"));
  std::this_thread::sleep_for(50ms);
  waits.send(scrape);
  EXPECT_EQ(hurries.read().body().find("sample_events"), std::string::npos);
  // Its own gather finds the callback busy with the first one: left out, and the rest is there.
  EXPECT_EQ(waits.read().result_int(), 200U);
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
