// The reader of pages whose columns have run together.

#include <gtest/gtest.h>

#include "table_case.hpp"

namespace stele::tables::test {
namespace {

// "the type is the first type word inside the leading identifier whose next character is not
// [a-z0-9_:]"
TEST(TablePageText, FindsTheTypeInsideARow) {
  compiled_page const page(
      "MetricTypeDescription\n"
      "jobs_totalcounterJobs done.\n"
      "enqueue_secondshistogramHistogram of times.\n"
      "counter_gauges_totalcounterGauges.\n"
      "gauge_gaugegauge a gauge\n"
      "sizessummary\n");
  ASSERT_EQ(page.result.table.size(), 5u) << page.report();
  EXPECT_EQ(page.row(0).name, "counter_gauges_total");
  EXPECT_EQ(page.row(1).name, "enqueue_seconds");
  EXPECT_EQ(page.row(1).help, "Histogram of times.");
  EXPECT_EQ(page.row(2).name, "gauge_gauge");
  EXPECT_EQ(page.row(2).help, "a gauge");
  EXPECT_EQ(page.row(4).name, "sizes");
  EXPECT_EQ(page.row(4).type, metric_type::summary);
}

// The type is what follows the name: a word that is a type may be in both.
TEST(TablePageText, FindsInfoAndStateset) {
  compiled_page const page(
      "MetricTypeDescription\n"
      "go_infogaugeInformation about the Go environment.\n"
      "build_infoinfoInfo about the build.\n"
      "info_infoinfo\n"
      "info_jobs_totalcounterInfo.\n");
  ASSERT_EQ(page.result.table.size(), 4u) << page.report();
  EXPECT_EQ(page.row(0).name, "build_info");
  EXPECT_EQ(page.row(0).type, metric_type::info);
  EXPECT_EQ(page.row(0).help, "Info about the build.");
  EXPECT_EQ(page.row(1).name, "go_info");
  EXPECT_EQ(page.row(1).type, metric_type::gauge);
  EXPECT_EQ(page.row(2).name, "info_info");
  EXPECT_EQ(page.row(3).name, "info_jobs_total");
  // Page text has no column of labels, and the name's are not read there: no states.
  compiled_page const states("MetricTypeDescription\nfeaturestatesetA feature.\n");
  EXPECT_NE(states.report().find("[stateset-states]"), std::string::npos) << states.report();
}

TEST(TablePageText, ASentenceThatBeginsWithAWordInInfoIsNoRow) {
  compiled_page const page("MetricTypeDescription\nagaugeA.\n\nsysinfo is a command.\n");
  EXPECT_TRUE(page.result.good()) << page.report();
}

// Nothing is dropped silently: an empty line between rows is only that.
TEST(TablePageText, GoesOnBehindAnEmptyLine) {
  compiled_page const page("MetricTypeDescription\n\nagaugeA.\n\n\nbgaugeB.\ncgaugeC.\n");
  EXPECT_EQ(page.result.table.size(), 3u) << page.report();
  EXPECT_TRUE(page.result.good()) << page.report();
}

TEST(TablePageText, RefusesRowsBehindOtherText) {
  compiled_page const page(
      "MetricTypeDescription\nagaugeA.\n\nSome prose.\n\n  bgaugeB.\ncgaugeC.\n\n"
      "Subcounter is no row.\n");
  EXPECT_TRUE(has_line(page.report(),
                       "p.md:6:3: error: expected rows inside a table, saw 2 outside of any: other "
                       "text ends a table [row-outside-table]"));
  EXPECT_TRUE(has_line(page.report(), "p.md: 3 rows: 1 compiled, 0 merged, 2 refused, 0 skipped"));
}

TEST(TablePageText, EndsATableAtOtherText) {
  compiled_page const page(
      "Text.\n\n  MetricTypeHelp\n  agaugeA.\n\nMore text.\n\nNameKindDescription\nbgaugeB.");
  ASSERT_EQ(page.result.table.size(), 2u) << page.report();
  EXPECT_EQ(page.row(1).help, "B.");
}

// "A type is never invented."
TEST(TablePageText, RefusesARowWithoutAType) {
  compiled_page const page("MetricTypeDescription\nagaugeA.\njobs_totaltimerJobs.\nb cgaugeB.\n");
  EXPECT_TRUE(has_line(page.report(),
                       "p.md:3:20: error: expected the metric's type, saw an empty "
                       "cell [type-missing]"));
  EXPECT_EQ(page.result.counts.refused, 2u);
  EXPECT_EQ(page.result.counts.compiled, 1u);
}

TEST(TablePageText, PlacesFaultsInARow) {
  compiled_page const page("MetricTypeDescription\n  a:bgaugeA.\n");
  EXPECT_TRUE(has_line(page.report(),
                       "p.md:2:3: error: expected a name without colons, saw 'a:b' "
                       "[name-colon]"));
}

TEST(TablePageText, NeedsTheHeadingLine) {
  compiled_page const page("jobs_totalcounterJobs done.\n");
  EXPECT_TRUE(has_line(page.report(),
                       "p.md:1:1: error: expected a table with a column of metric "
                       "names, saw none [empty]"));
}

}  // namespace
}  // namespace stele::tables::test
