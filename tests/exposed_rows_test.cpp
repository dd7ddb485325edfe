// A row is exposed as soon as an object with a call on it is loaded, at 0, before the call runs.
// None of the calls here is ever made.

#include <coderd.hpp>
#include <sample.hpp>
#include <stele/testing.hpp>

#include <gtest/gtest.h>

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

TEST(ExposedRows, ARowWithoutACallIsNotExposed) {
  EXPECT_FALSE(is_exposed("sample_events"));
  EXPECT_FALSE(is_exposed("sample_response_bytes"));
  EXPECT_FALSE(is_exposed("sample_absent"));
}
