#include <sample.hpp>
#include <stele/testing.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

using sample::metric;
using stele::testing::delta;
using stele::testing::exposes;

namespace {

constexpr auto openmetrics = stele::format::openmetrics;

std::size_t lines_in(std::string const& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

TEST(Exposes, IsTrueForTheLinesOfTheNamedRows) {
  metric<"sample_queue_length">.set(7);
  auto const shown = exposes<sample::table>(R"(
      # HELP sample_queue_length Jobs that wait.
      # TYPE sample_queue_length gauge
      sample_queue_length 7
  )",
                                            {"sample_queue_length"});
  EXPECT_TRUE(shown) << shown.message();
  EXPECT_EQ(shown.message(), "");
}

TEST(Exposes, ShowsALineAsExpectedAndAsSeen) {
  metric<"sample_queue_length">.set(8);
  auto const shown = exposes<sample::table>("sample_queue_length 7", {"sample_queue_length"});
  EXPECT_FALSE(shown);
  EXPECT_EQ(shown.message(),
            "the exposition differs from what is expected:\n"
            "  expected: sample_queue_length 7\n"
            "  saw:      sample_queue_length 8");
}

TEST(Exposes, ComparesMetadataOnlyWhereSomeIsExpected) {
  metric<"sample_queue_length">.set(9);
  EXPECT_TRUE(exposes<sample::table>("sample_queue_length 9", {"sample_queue_length"}));
  auto const shown = exposes<sample::table>(
      "# HELP sample_queue_length Jobs that sleep.\n# TYPE sample_queue_length gauge\n"
      "sample_queue_length 9\n",
      {"sample_queue_length"});
  EXPECT_EQ(shown.message(),
            "the exposition differs from what is expected:\n"
            "  expected: # HELP sample_queue_length Jobs that sleep.\n"
            "  saw:      # HELP sample_queue_length Jobs that wait.");
}

TEST(Exposes, SaysWhichLinesAreMissingAndWhichAreTooMany) {
  metric<"sample_sessions">.with({.user = "a} 1 \"b\" x"}).set(1);
  auto const shown =
      exposes<sample::table>("sample_sessions{user=\"a} 1\"} 1", {"sample_sessions"});
  EXPECT_EQ(shown.message(),
            "the exposition differs from what is expected:\n"
            "  expected: sample_sessions{user=\"a} 1\"} 1\n"
            "  saw:      (no such line)\n"
            "  expected: (no such line)\n"
            "  saw:      sample_sessions{user=\"a} 1 \\\"b\\\" x\"} 1");
}

// The order of open series is that of their first use, in whatever thread that is.
TEST(Exposes, DoesNotCompareTheOrderOfLines) {
  metric<"sample_requests_total">.with({.code = "200", .path = "/z"}).inc();
  metric<"sample_requests_total">.with({.code = "200", .path = "/a"}).inc();
  auto const shown = exposes<sample::table>(R"(
      sample_requests_total{code="200",path="/a"} 1
      sample_requests_total{code="200",path="/z"} 1)",
                                            {"sample_requests_total"});
  EXPECT_TRUE(shown) << shown.message();
}

TEST(Exposes, CountsALineThatIsThereTwice) {
  metric<"sample_queue_length">.set(3);
  EXPECT_FALSE(exposes<sample::table>("sample_queue_length 3\nsample_queue_length 3",
                                      {"sample_queue_length"}));
}

TEST(Exposes, TakesTheTablesNamesInOpenMetricsToo) {
  metric<"sample_transfers_total">.with({.direction = sample::direction::out}).inc(3);
  auto const shown = exposes<sample::table>(R"(
      # TYPE sample_transfers counter
      # HELP sample_transfers Transfers.
      sample_transfers_total{direction="in"} 0
      sample_transfers_total{direction="out"} 3)",
                                            {"sample_transfers_total"}, openmetrics);
  EXPECT_TRUE(shown) << shown.message();
}

TEST(Exposes, ComparesTheWholeExpositionWhereNoRowIsNamed) {
  metric<"sample_queue_length">.set(1);
  EXPECT_TRUE(exposes<sample::table>(stele::testing::exposition<sample::table>()));
  EXPECT_FALSE(exposes<sample::table>("sample_queue_length 1"));
}

TEST(Exposes, ShowsTenDifferencesAndCountsTheOthers) {
  std::string expected;
  for (int i = 0; i < 13; ++i) expected += "sample_other " + std::to_string(i) + "\n";
  metric<"sample_queue_length">.set(1);
  auto const shown = exposes<sample::table>(expected, {"sample_queue_length"});
  EXPECT_EQ(lines_in(shown.message()), 2 * 10 + 1U);
  EXPECT_TRUE(shown.message().ends_with("\n  and 4 more differences")) << shown.message();
}

TEST(Exposes, RefusesANameThatIsNoRow) {
  auto const shown = exposes<sample::table>("", {"sample_queue_lenght"});
  EXPECT_FALSE(shown);
  EXPECT_NE(shown.message().find("saw 'sample_queue_lenght', which is none"), std::string::npos);
}

// "all that it has is the change"
TEST(Delta, OfASeriesThatStartedAnewIsWhatItHasSince) {
  auto const visits = metric<"sample_visits_total">.with({.page = "/anew", .user = "u"});
  auto const latency = metric<"sample_open_latency_seconds">.with({.path = "/anew"});
  auto const pauses = metric<"sample_open_pause_seconds">.with({.cause = "anew"});
  visits.inc(5);
  for (double const each : {0.05, 0.5, 7.0}) latency.observe(each), pauses.observe(each);
  delta const visited(visits);
  delta const observed(latency);
  delta const paused(pauses);
  metric<"sample_visits_total">.clear();
  metric<"sample_open_latency_seconds">.clear();
  metric<"sample_open_pause_seconds">.clear();
  EXPECT_EQ(visited.value(), 0U);
  EXPECT_EQ(observed.value(), stele::testing::histogram_value{});
  EXPECT_EQ(paused.value().count, 0U);
  visits.inc(2);
  latency.observe(0.5);
  pauses.observe(0.25);
  EXPECT_EQ(visited.value(), 2U);
  EXPECT_EQ(observed.value().count, 1U);
  EXPECT_EQ(observed.value().sum, 0.5);
  EXPECT_EQ(paused.value().count, 1U);
  EXPECT_EQ(paused.value().sum, 0.25);
}

TEST(Delta, OfAGaugeMayBeNegative) {
  metric<"sample_temperature_celsius">.set(5);
  delta const change(metric<"sample_temperature_celsius">);
  metric<"sample_temperature_celsius">.set(3);
  EXPECT_EQ(change.value(), -2.0);
}
