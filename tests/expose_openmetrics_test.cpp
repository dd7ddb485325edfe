// OpenMetrics 1.0, against its specification. tests/judges_test.py has a strict parser read it.

#include <sample.hpp>
#include <stele/testing.hpp>

#include <gtest/gtest.h>

#include <string>
#include <string_view>

using sample::metric;

namespace {

std::string text() { return stele::testing::exposition<sample::table>(stele::format::openmetrics); }

bool has(std::string_view line) {
  return ("\n" + text()).find("\n" + std::string(line) + "\n") != std::string::npos;
}

}  // namespace

TEST(ExposeOpenMetrics, EndsWithEof) {
  EXPECT_TRUE(text().ends_with("# EOF\n"));
  EXPECT_EQ(text().find("# EOF"), text().size() - 6);
}

// "The family's name has no suffix: `# TYPE foo counter`, sample `foo_total`."
TEST(ExposeOpenMetrics, TakesTotalOffACountersFamily) {
  metric<"sample_jobs_total">.inc(0);
  EXPECT_TRUE(has("# HELP sample_jobs Jobs done."));
  EXPECT_TRUE(has("# TYPE sample_jobs counter"));
  EXPECT_TRUE(has("sample_jobs_total 0"));
}

// "UNIT only where the name ends in `_unit`."
TEST(ExposeOpenMetrics, StatesTheUnitThatTheNameEndsIn) {
  metric<"sample_wait_seconds_total">.inc(0.5);
  metric<"sample_queue_length">.set(0);
  EXPECT_TRUE(has("# UNIT sample_wait_seconds seconds"));
  EXPECT_EQ(text().find("# UNIT sample_queue_length"), std::string::npos);
}

// "HELP escapes `\\`, `\n`, `\"`."
TEST(ExposeOpenMetrics, EscapesQuotesInHelp) {
  metric<"sample_escapes">.set(0);
  EXPECT_TRUE(has(R"(# HELP sample_escapes A \"quote\", a back\\slash.)"));
}

// "the counter as `unknown` under its full name is legal"
TEST(ExposeOpenMetrics, ACounterThatClashesWithoutItsSuffixIsUnknown) {
  metric<"sample_alloc_bytes">.set(1);
  metric<"sample_alloc_bytes_total">.inc(2);
  EXPECT_TRUE(has("# TYPE sample_alloc_bytes gauge"));
  EXPECT_TRUE(has("# TYPE sample_alloc_bytes_total unknown"));
  EXPECT_TRUE(has("sample_alloc_bytes_total 2"));
  EXPECT_EQ(text().find("# UNIT sample_alloc_bytes_total"), std::string::npos);
}

TEST(ExposeOpenMetrics, ACounterWithoutTotalIsUnknownUnderItsDocumentedName) {
  metric<"sample_events">.inc(0);
  EXPECT_TRUE(has("# TYPE sample_events unknown"));
  EXPECT_EQ(text().find("sample_events_total"), std::string::npos);
}

// "`le` and `quantile` are canonical floats (`1.0`)."
TEST(ExposeOpenMetrics, BoundsAreCanonicalFloats) {
  metric<"sample_hold_seconds">.observe(0.5);
  metric<"sample_pause_seconds">.observe(0.5);
  EXPECT_TRUE(has("sample_hold_seconds_bucket{le=\"1.0\"} 1"));
  EXPECT_TRUE(has("sample_hold_seconds_bucket{le=\"1e+06\"} 1"));
  EXPECT_TRUE(has("sample_hold_seconds_bucket{le=\"+Inf\"} 1"));
  EXPECT_NE(text().find("sample_pause_seconds{quantile=\"0.5\"} "), std::string::npos);
}

// "A histogram with a negative bound has no `_sum` and no `_count`."
TEST(ExposeOpenMetrics, AHistogramWithANegativeBoundHasNeitherSumNorCount) {
  metric<"sample_change_celsius">.observe(-1);
  EXPECT_TRUE(has("sample_change_celsius_bucket{le=\"-10.0\"} 0"));
  EXPECT_TRUE(has("sample_change_celsius_bucket{le=\"+Inf\"} 1"));
  EXPECT_EQ(text().find("sample_change_celsius_sum"), std::string::npos);
  EXPECT_EQ(text().find("sample_change_celsius_count"), std::string::npos);
}

// "OpenMetrics floats add `.0` where neither `.` nor `e` stands"
TEST(ExposeOpenMetrics, DoublesHaveAPointOrAnExponentAndIntegersDoNot) {
  metric<"sample_temperature_celsius">.set(5);
  metric<"sample_queue_length">.set(5);
  EXPECT_TRUE(has("sample_temperature_celsius 5.0"));
  EXPECT_TRUE(has("sample_queue_length 5"));
}

// The strict parser: "Quantile values cannot be negative"; "`_sum` is never NaN or negative".
TEST(ExposeOpenMetrics, ASummaryShowsNothingNegative) {
  metric<"sample_open_pause_seconds">.with({.cause = "negative"}).observe(-5);
  EXPECT_TRUE(has("sample_open_pause_seconds{cause=\"negative\",quantile=\"0.5\"} NaN"));
  EXPECT_TRUE(has("sample_open_pause_seconds_count{cause=\"negative\"} 1"));
  EXPECT_EQ(text().find("sample_open_pause_seconds_sum{cause=\"negative\"}"), std::string::npos);
}

// "no blank line, comment, CR, trailing space"
TEST(ExposeOpenMetrics, HasNoStraySpace) {
  std::string const all = text();
  EXPECT_EQ(all.find("\n\n"), std::string::npos);
  EXPECT_EQ(all.find(" \n"), std::string::npos);
  EXPECT_EQ(all.find('\r'), std::string::npos);
  EXPECT_EQ(all.find("  "), std::string::npos);
}
