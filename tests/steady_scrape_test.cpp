// "No stream, no locale, no allocation in a steady state."

#include <sample.hpp>
#include <stele/expose.hpp>
#include <stele/process.hpp>
#include <stele/snapshot.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "counted_allocations.hpp"

using sample::metric;

#ifdef STELE_TEST_COUNTS_ALLOCATIONS

namespace {

/// One series of each kind of row, and more of some.
void update() {
  metric<"sample_wait_seconds_total">.inc(0.1, {{"trace_id", "abc"}});
  metric<"sample_hold_seconds">.observe(0.5, {{"trace_id", "def"}});
  metric<"sample_pause_seconds">.observe(0.5);
  metric<"sample_request_latency_ms">.with({.method = "GET"}).observe(3);
  metric<"sample_switch">.switch_to("on");
  for (int i = 0; i < 1000; ++i) {
    std::string const text = std::to_string(i);
    metric<"sample_requests_total">.with({.code = "200", .path = text}).inc();
    metric<"sample_sessions">.with({.user = text}).set(i);
    metric<"sample_open_latency_seconds">.with({.path = text}).observe(0.25);
    metric<"sample_open_pause_seconds">.with({.cause = text}).observe(0.25);
  }
}

/// How many allocations ten scrapes make, after some to warm up.
std::uint64_t allocations_of_scrapes(stele::format which) {
  std::size_t bytes = 0;
  auto const scrape = [&] {
    stele::expose(stele::gather<sample::table>(), which,
                  [&](std::string_view chunk) { bytes += chunk.size(); }, {.created = true});
  };
  for (int i = 0; i < 3; ++i) scrape();
  std::uint64_t const before = allocation_count();
  for (int i = 0; i < 10; ++i) scrape();
  EXPECT_GT(bytes, 1'000'000U);
  return allocation_count() - before;
}

}  // namespace

TEST(SteadyScrape, AllocatesNothing) {
  stele::feed_process_rows<sample::table>();
  auto const fed = metric<"sample_queue_length">.read_from([] { return 5; });
  auto const set = metric<"sample_rooms">.read_from([](auto& to) {
    to.add({.house = "one"}, 1);
    to.add({.house = "two"}, 2);
  });
  update();
  EXPECT_EQ(allocations_of_scrapes(stele::format::text), 0U);
  EXPECT_EQ(allocations_of_scrapes(stele::format::openmetrics), 0U);
  EXPECT_EQ(allocations_of_scrapes(stele::format::protobuf), 0U);
}

#endif
