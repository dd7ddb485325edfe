// A row is exposed as soon as an object with a call on it is loaded, at 0, before the call runs:
// by every method of every instrument. None of the calls here is ever made.

#include <sample.hpp>
#include <stele/testing.hpp>

#include <gtest/gtest.h>

#include <string>

using sample::metric;

namespace {

volatile bool never = false;

bool is_exposed(std::string const& name) {
  auto const text = stele::testing::exposition<sample::table>();
  return text.find("# TYPE " + name + " ") != std::string::npos;
}

}  // namespace

TEST(ExposedRows, EveryMethodExposesItsRow) {
  if (never) {
    metric<"sample_jobs_total">.inc();
    metric<"sample_wait_seconds_total">.inc(0.5);
    metric<"sample_queue_length">.inc();
    metric<"sample_temperature_celsius">.set(1.0);
    metric<"sample_started_at_unix">.set_to_current_time();
    metric<"sample_alloc_bytes">.dec();
    auto tracked = metric<"sample_escapes">.track();
    auto reading = metric<"sample_alloc_bytes_total">.read_from([] { return 1; });
    metric<"sample_hold_seconds">.observe(1.0);
    auto timer = metric<"sample_pause_seconds">.time();
    static_cast<void>(metric<"sample_transfers_total">.with({.direction = "in"}));
    metric<"sample_mode">.with({.mode = "fast"}).inc(2);
    metric<"sample_request_latency_ms">.with({.method = "GET"}).observe(1);
  }
  for (auto const* name :
       {"sample_jobs_total", "sample_wait_seconds_total", "sample_queue_length",
        "sample_temperature_celsius", "sample_started_at_unix", "sample_alloc_bytes",
        "sample_escapes", "sample_alloc_bytes_total", "sample_hold_seconds", "sample_pause_seconds",
        "sample_transfers_total", "sample_mode", "sample_request_latency_ms"})
    EXPECT_TRUE(is_exposed(name)) << name;
}

TEST(ExposedRows, ClosedSeriesArePresentAt0) {
  auto const text = stele::testing::exposition<sample::table>();
  EXPECT_NE(text.find("sample_transfers_total{direction=\"in\"} 0\n"), std::string::npos);
  EXPECT_NE(text.find("sample_transfers_total{direction=\"out\"} 0\n"), std::string::npos);
}

TEST(ExposedRows, ARowWithoutACallIsNotExposed) {
  EXPECT_FALSE(is_exposed("sample_events"));
  EXPECT_FALSE(is_exposed("sample_response_bytes"));
  EXPECT_FALSE(is_exposed("sample_absent"));
}
