// A row is exposed as soon as an object with a call on it is loaded, at 0, before the call runs:
// by every method of every instrument. None of the calls here is ever made.

#include <coderd.hpp>
#include <sample.hpp>
#include <stele/testing.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <string>

using coderd::metric;

namespace {

volatile bool never = false;

template <stele::fixed_string Name>
constexpr auto const& sample_metric = sample::metric<Name>;

bool is_exposed(std::string const& name) {
  auto const text =
      stele::testing::exposition<sample::table>() + stele::testing::exposition<coderd::table>();
  return text.find("# TYPE " + name + " ") != std::string::npos;
}

}  // namespace

// Each method has a row of its own here, so that one that does not register is seen.
TEST(ExposedRows, EveryMethodExposesItsRow) {
  if (never) {
    metric<"coderd_rtc_client_connections_total">.inc();
    metric<"coderd_rtc_turn_connections_total">.inc(2);
    auto counted = metric<"coderd_rtc_workspace_connections_total">.read_from([] { return 1; });
    metric<"coderd_license_user_limit">.set(1);
    metric<"coderd_license_issued_at_unix">.set_to_current_time();
    metric<"coderd_license_user_count">.inc();
    metric<"coderd_rtc_agent_listeners_concurrent">.inc(2);
    metric<"coderd_rtc_turn_connections_concurrent">.dec();
    metric<"coderd_rtc_workspace_connections_current">.dec(2);
    auto tracked = metric<"coderd_api_concurrent_requests">.track();
    auto read = metric<"coderd_license_time_until_expires_days">.read_from([] { return 1; });
    metric<"coderd_db_sql_query_latencies_ms">.observe(1.0);
    auto timer = sample_metric<"sample_hold_seconds">.time();
    sample_metric<"sample_pause_seconds">.observe(1);
    sample_metric<"sample_switch">.switch_to("on");
    sample_metric<"sample_features">.enable("other");
    sample_metric<"sample_drains">.disable("yes");
    static_cast<void>(metric<"coderd_background_workspace_build_duration_s">.with(
        {.workspace_transition = "start", .status = "failed"}));
  }
  for (auto const* name :
       {"coderd_rtc_client_connections_total", "coderd_rtc_turn_connections_total",
        "coderd_rtc_workspace_connections_total", "coderd_license_user_limit",
        "coderd_license_issued_at_unix", "coderd_license_user_count",
        "coderd_rtc_agent_listeners_concurrent", "coderd_rtc_turn_connections_concurrent",
        "coderd_rtc_workspace_connections_current", "coderd_api_concurrent_requests",
        "coderd_license_time_until_expires_days", "coderd_db_sql_query_latencies_ms",
        "sample_hold_seconds", "sample_pause_seconds", "sample_switch", "sample_features",
        "sample_drains", "coderd_background_workspace_build_duration_s"})
    EXPECT_TRUE(is_exposed(name)) << name;
}

TEST(ExposedRows, ClosedSeriesArePresentAt0) {
  if (never) static_cast<void>(sample_metric<"sample_transfers_total">.with({.direction = "in"}));
  auto const text = stele::testing::exposition<sample::table>();
  EXPECT_NE(text.find("sample_transfers_total{direction=\"in\"} 0\n"), std::string::npos);
  EXPECT_NE(text.find("sample_transfers_total{direction=\"out\"} 0\n"), std::string::npos);
}

// "These calls set a row up and update nothing": it may be fed elsewhere, or not at all.
TEST(ExposedRows, ARowThatIsOnlySetUpIsNotExposed) {
  sample_metric<"sample_cache_total">.limit_series(5);
  sample_metric<"sample_cache_total">.expire_after(std::chrono::hours(1));
  sample_metric<"sample_cache_total">.remove({.kind = "a", .path = "/", .user = "u"});
  sample_metric<"sample_cache_total">.clear();
  EXPECT_FALSE(is_exposed("sample_cache_total"));
}

TEST(ExposedRows, ARowWithoutACallIsNotExposed) {
  EXPECT_FALSE(is_exposed("sample_events"));
  EXPECT_FALSE(is_exposed("sample_response_bytes"));
  EXPECT_FALSE(is_exposed("sample_absent"));
}
