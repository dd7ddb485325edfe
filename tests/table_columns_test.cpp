// Columns by their headings, and tables that list no metrics.

#include <gtest/gtest.h>

#include "table/columns.hpp"
#include "table_case.hpp"

namespace stele::tables::test {
namespace {

// "Columns are found by heading, in any order, by their usual names"
TEST(TableColumns, AreKnownByTheirUsualNames) {
  EXPECT_EQ(column_of_heading("Metric name"), column::name);
  EXPECT_EQ(column_of_heading(" METRIC "), column::name);
  EXPECT_EQ(column_of_heading("Kind"), column::type);
  EXPECT_EQ(column_of_heading("Help:"), column::help);
  EXPECT_EQ(column_of_heading("Labels/tags"), column::labels);
  EXPECT_EQ(column_of_heading("Unit (where applicable)"), column::unit);
  EXPECT_EQ(column_of_heading("Quantiles"), column::distribution);
  EXPECT_EQ(column_of_heading("Status"), column::stability);
  EXPECT_EQ(column_of_heading("Source"), column::source);
  EXPECT_EQ(column_of_heading("Lint"), column::lint);
  EXPECT_EQ(column_of_heading("Colour"), column::unknown);
}

TEST(TableColumns, StandInAnyOrder) {
  compiled_page const page(page_of("| **Description** | Tags | Type | `Name` |",
                                   "| Jobs. | `queue` | Counter | jobs_total |"));
  ASSERT_EQ(page.result.table.size(), 1u) << page.report();
  EXPECT_EQ(page.row().name, "jobs_total");
  EXPECT_EQ(page.row().help, "Jobs.");
  EXPECT_EQ(page.row().type, metric_type::counter);
  ASSERT_EQ(page.row().labels.size(), 1u);
}

// "unknown columns noted and ignored"
TEST(TableColumns, UnknownOnesAreNoted) {
  compiled_page const page(page_of("| Metric | Type | Help | Since |", "| x | gauge | X | 1.2 |"));
  EXPECT_TRUE(page.result.good());
  EXPECT_TRUE(has_line(page.report(),
                       "p.md:1:26: note: the column 'Since' is not read "
                       "[column-ignored]"));
}

TEST(TableColumns, TwoOfOneKindAreRefused) {
  compiled_page const page(page_of("| Metric | Type | Kind |", "| x | gauge | gauge |"));
  EXPECT_TRUE(has_line(page.report(),
                       "p.md:1:19: error: expected one column of this kind, saw "
                       "'Kind' beside 'Type' [column-repeat]"));
  EXPECT_EQ(page.result.counts.refused, 1u);
}

// "a skipped table is named with the reason"
TEST(TableColumns, ATableThatListsNoMetricsIsSkippedWithItsReason) {
  std::string const metrics = page_of("| Metric | Type | Help |", "| x | gauge | X |");
  compiled_page const options(metrics + "\n" + page_of("| Option | Default |", "| a | b |"));
  EXPECT_TRUE(has_line(options.report(),
                       "p.md:5:3: note: this table of 1 rows is skipped: it has "
                       "no column of metric names [table-skipped]"));
  compiled_page const labels(metrics + "\n" + page_of("| Name | Description |", "| a | b |"));
  EXPECT_TRUE(has_line(labels.report(),
                       "p.md:5:3: note: this table of 1 rows is skipped: it has neither a Type "
                       "column nor another that only metrics have [table-skipped]"));
  compiled_page const flags(metrics + "\n" +
                            page_of("| Name | Type |", "| a | string |\n| b | int |"));
  EXPECT_TRUE(has_line(flags.report(),
                       "p.md:5:3: note: this table of 2 rows is skipped: none of "
                       "its types is a metric's [table-skipped]"));
  EXPECT_TRUE(flags.result.good());
  EXPECT_TRUE(has_line(flags.report(), "p.md: 3 rows: 1 compiled, 0 merged, 0 refused, 2 skipped"));
}

TEST(TableColumns, ATypoInTheOnlyTypeSkipsNothing) {
  compiled_page const page(page_of("| Name | Type |", "| x | guage |"));
  EXPECT_TRUE(has_line(page.report(),
                       "p.md:3:7: error: expected counter, gauge, histogram, "
                       "summary, info or stateset, saw 'guage' [type]"));
  EXPECT_TRUE(has_line(page.report(), "    fix: write gauge"));
}

// "missing type column = error that says so"
TEST(TableColumns, MetricsWithoutATypeColumnAreRefusedOneByOne) {
  compiled_page const page(page_of("| Metric | Help |", "| x | X |\n| y | Y |"));
  EXPECT_TRUE(has_line(page.report(),
                       "p.md:4:3: error: expected a Type column for 'y', saw a table "
                       "without one [type-missing]"));
  EXPECT_EQ(page.result.counts.refused, 2u);
}

}  // namespace
}  // namespace stele::tables::test
