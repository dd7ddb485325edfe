// A row is exposed as soon as an object with a call on it is loaded, at 0, before the call runs.
// None of the calls here is ever made.

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

// "A row is exposed when a call on it is compiled into any linked object, from start-up on, at 0."
// every_call_test.cpp holds it for each call.
TEST(ExposedRows, ARowWithACallIsExposedAt0BeforeTheCall) {
  if (never) {
    metric<"coderd_rtc_client_connections_total">.inc();
    sample_metric<"sample_pause_seconds">.observe(1);
  }
  EXPECT_TRUE(is_exposed("coderd_rtc_client_connections_total"));
  EXPECT_TRUE(is_exposed("sample_pause_seconds"));
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
