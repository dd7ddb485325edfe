// A program that is built against a Stele without instruments runs as ever, and counts nothing.

#include <sample.hpp>
#include <stele/testing.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <memory>

using sample::metric;
using stele::testing::value;

static_assert(!stele::instruments_enabled);

TEST(Noop, ValuesStayAtZero) {
  metric<"sample_jobs_total">.inc();
  metric<"sample_wait_seconds_total">.inc(std::chrono::seconds(3));
  auto const requests = metric<"sample_requests_total">.with({.code = "200", .path = "/"});
  requests.inc();
  metric<"sample_queue_length">.set(4);
  metric<"sample_hold_seconds">.observe(1);
  metric<"sample_pause_seconds">.observe(1);
  EXPECT_EQ(value(metric<"sample_jobs_total">), 0U);
  EXPECT_EQ(value(metric<"sample_wait_seconds_total">), 0);
  EXPECT_EQ(value(requests), 0U);
  EXPECT_EQ(value(metric<"sample_queue_length">), 0);
  EXPECT_EQ(value(metric<"sample_hold_seconds">).count, 0U);
  EXPECT_EQ(value(metric<"sample_pause_seconds">).count, 0U);
}

TEST(Noop, NothingIsRefused) {
  metric<"sample_jobs_total">.inc(-1);
  metric<"sample_transfers_total">.with({.direction = "sideways"}).inc();
  EXPECT_EQ(stele::testing::refused(metric<"sample_jobs_total">), 0U);
  EXPECT_EQ(stele::testing::refused(metric<"sample_transfers_total">.with({.direction = "in"})),
            0U);
}

// A zero that nobody counted would be an invented value.
TEST(Noop, NoRowIsExposed) {
  metric<"sample_jobs_total">.inc();
  stele::feed_process_rows<sample::table>();
  auto const reading = metric<"sample_queue_length">.read_from([] { return 1; });
  EXPECT_EQ(stele::testing::exposition<sample::table>(), "");
  EXPECT_EQ(stele::testing::exposition<sample::table>(stele::format::openmetrics), "# EOF\n");
}

TEST(Noop, ACallbackIsLetGoAndNeverCalled) {
  auto const captured = std::make_shared<int>(0);
  auto reading = metric<"sample_queue_length">.read_from([captured] { return ++*captured; });
  EXPECT_EQ(captured.use_count(), 1);
  EXPECT_EQ(value(metric<"sample_queue_length">), 0);
  reading.stop();
  EXPECT_EQ(*captured, 0);
}
