// A server, writers and scrapers at once: what each scrape shows is whole, and nothing is lost.
// ThreadSanitizer runs this, too.

#include <sample.hpp>
#include <stele/testing.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "endpoint_case.hpp"

using sample::metric;
using stele::test::client;
using stele::test::start;
using namespace std::chrono_literals;

namespace {

/// The value of a sample, which stands there.
double value_of(std::string const& body, std::string const& sample) {
  auto const at = body.find("\n" + sample + " ");
  EXPECT_NE(at, body.npos) << sample;
  return at == body.npos ? -1 : std::strtod(body.c_str() + at + sample.size() + 2, nullptr);
}

/// Updates rows of each kind until it is told to end; how often.
std::uint64_t write(std::atomic<bool> const& ended) {
  std::uint64_t rounds = 0;
  while (!ended) {
    std::string const path = "/written/" + std::to_string(rounds % 50);
    metric<"sample_hold_seconds">.observe(1.0, {{"trace_id", "of a writer"}});
    metric<"sample_pause_seconds">.observe(1.0);
    metric<"sample_requests_total">.with({.code = "200", .path = path}).inc();
    metric<"sample_queue_length">.set(static_cast<std::int64_t>(rounds));
    if (++rounds % 64 == 0) metric<"sample_requests_total">.remove({.code = "200", .path = path});
  }
  return rounds;
}

constexpr char const* openmetrics = "application/openmetrics-text;version=1.0.0";
constexpr char const* protobuf =
    "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited";

}  // namespace

TEST(EndpointWriters, AScrapeIsWholeWhileOthersWriteAndScrape) {
  stele::testing::delta const held(metric<"sample_hold_seconds">);
  auto endpoint = start({.shared_gather_age_max = 0ms});
  std::atomic<bool> ended{false};
  std::atomic<std::uint64_t> written{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i) threads.emplace_back([&] { written += write(ended); });
  for (auto const* accept : {openmetrics, protobuf, ""})
    threads.emplace_back([&, accept] {
      client kept(endpoint.port());
      while (!ended) {
        EXPECT_EQ(kept.get("/metrics", accept).result_int(), 200U);
        EXPECT_EQ(client(endpoint.port()).get("/-/table").result_int(), 200U);
      }
    });
  double last = 0;
  client kept(endpoint.port());
  for (int i = 0; i < 100; ++i) {
    std::string const body = kept.get("/metrics").body();
    double const count = value_of(body, "sample_hold_seconds_count");
    EXPECT_EQ(value_of(body, "sample_hold_seconds_bucket{le=\"+Inf\"}"), count);
    EXPECT_EQ(value_of(body, "sample_hold_seconds_sum"), count) << "each observes 1";
    EXPECT_EQ(value_of(body, "sample_pause_seconds_sum"),
              value_of(body, "sample_pause_seconds_count"));
    EXPECT_GE(count, last);
    last = count;
  }
  ended = true;
  for (auto& each : threads) each.join();
  EXPECT_EQ(held.value().count, written);
  metric<"sample_requests_total">.clear();
}
