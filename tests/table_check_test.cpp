// What only a whole table can show: repeats, clashes, an empty result, and the closing line.

#include <gtest/gtest.h>

#include "table_case.hpp"

namespace stele::tables::test {
namespace {

std::string rows(std::string_view text) {
  return page_of("| Metric | Type | Help | Labels |", text);
}

// "Identical repeat merges with a note"
TEST(TableCheck, MergesAnIdenticalRepeat) {
  compiled_page const page(rows("| x | gauge | X | a |\n| x | gauge | X | a |"));
  EXPECT_TRUE(page.result.good());
  EXPECT_TRUE(has_line(page.report(), "p.md:4:3: note: 'x' repeats an earlier row [repeat]"));
  EXPECT_TRUE(has_line(page.report(), "p.md: 2 rows: 1 compiled, 1 merged, 0 refused, 0 skipped"));
}

// "another help warns"
TEST(TableCheck, KeepsTheFirstHelpOfARepeatWithAWarning) {
  compiled_page const page(rows("| x | gauge | X | |\n| x | gauge | Y | |"));
  EXPECT_TRUE(page.result.good());
  EXPECT_EQ(page.row().help, "X");
  EXPECT_TRUE(has_line(page.report(),
                       "p.md:4:15: warning: expected the description of an earlier "
                       "row of 'x', which is kept, saw 'Y' [repeat-help]"));
}

// "another type or label set is an error"
TEST(TableCheck, RefusesARepeatThatContradicts) {
  compiled_page const type(rows("| x | gauge | X | |\n| x | summary | X | |"));
  EXPECT_TRUE(has_line(type.report(),
                       "p.md:4:7: error: expected gauge, the type of an earlier row "
                       "of 'x', saw 'summary' [repeat-type]"));
  compiled_page const labels(rows("| x | gauge | X | a |\n| x | gauge | X | a b{c,d} |"));
  EXPECT_TRUE(has_line(labels.report(),
                       "p.md:4:19: error: expected 'a', the labels of an earlier "
                       "row of 'x', saw 'a b{c,d}' [repeat-labels]"));
  EXPECT_EQ(labels.result.counts.refused, 1u);
}

// "Names that would clash through suffixes are errors"
TEST(TableCheck, RefusesNamesThatClashThroughSuffixes) {
  struct {
    std::string_view first, first_type, second, second_type;
  } const pairs[]{
      {"x", "histogram", "x_count", "gauge"},       {"x", "histogram", "x_bucket", "gauge"},
      {"x", "histogram", "x_sum", "gauge"},         {"x", "summary", "x_sum", "counter"},
      {"x", "summary", "x_count", "histogram"},     {"x", "counter", "x_created", "gauge"},
      {"x_total", "counter", "x_created", "gauge"}, {"x_count_total", "counter", "x", "histogram"},
  };
  for (auto const& [first, first_type, second, second_type] : pairs) {
    for (bool const swapped : {false, true}) {
      std::string const a =
          "| " + std::string(first) + " | " + std::string(first_type) + " | X | |";
      std::string const b =
          "| " + std::string(second) + " | " + std::string(second_type) + " | X | |";
      compiled_page const page(rows(swapped ? b + "\n" + a : a + "\n" + b));
      EXPECT_NE(page.report().find("p.md:4:3: error: expected a name that the "), std::string::npos)
          << page.report();
      EXPECT_EQ(page.result.counts.refused, 1u) << page.report();
    }
  }
}

TEST(TableCheck, LetsNamesStandThatOnlyLookAlike) {
  compiled_page const page(
      rows("| x | gauge | X | |\n| x_count | gauge | X | |\n| x_sum_y | gauge | X | |\n"
           "| y_total | gauge | X | |\n| y | gauge | X | |"));
  EXPECT_TRUE(page.result.good()) << page.report();
}

// "a counter that has no `_total`, or whose stripped name is another row's name"
TEST(TableCheck, MarksCountersThatOpenMetricsCannotCarry) {
  compiled_page const page(
      rows("| a_bytes | gauge | A | |\n| a_bytes_total | counter | A | |\n| b | counter | B | |\n"
           "| c_total | counter | C | |"));
  ASSERT_EQ(page.result.table.size(), 4u) << page.report();
  EXPECT_FALSE(page.row(0).openmetrics_unknown);
  EXPECT_TRUE(page.row(1).openmetrics_unknown);
  EXPECT_TRUE(page.row(2).openmetrics_unknown);
  EXPECT_FALSE(page.row(3).openmetrics_unknown);
}

// "An empty result is an error."
TEST(TableCheck, RefusesAPageWithoutMetrics) {
  for (std::string const text :
       {"", "\n", "# Title\n\nProse.\n", "| A | B |\n|---|---|\n| 1 | 2 |\n",
        "| Metric | Type |\n|---|---|\n"}) {
    compiled_page const page(text);
    EXPECT_TRUE(has_line(page.report(),
                         "p.md:1:1: error: expected a table with a column of metric "
                         "names, saw none [empty]"));
  }
}

TEST(TableCheck, BoundsTheSeriesOfClosedLabels) {
  std::string values;
  for (int i = 0; i < 101; ++i) values += (i == 0 ? "v" : ",v") + std::to_string(i);
  compiled_page const page(rows("| x | gauge | X | a{" + values + "} b{" + values + "} |"));
  EXPECT_NE(page.report().find("expected at most 10000 combinations of closed values"),
            std::string::npos)
      << page.report();
}

// The library's offsets are 32 bits wide; 64 MiB a thread is too much long before that.
TEST(TableCheck, BoundsTheMemoryOfClosedSeries) {
  std::string values;
  for (int i = 0; i < 100; ++i) values += (i == 0 ? "v" : ",v") + std::to_string(i);
  std::string const row = " | histogram | X | a{" + values + "} b{" + values + "} | linear(1, 1, ";
  auto const page_with = [&](std::string const& first, std::string const& second) {
    return page_of("| Metric | Type | Help | Labels | Buckets |",
                   "| x" + row + first + ") |\n| y" + row + second + ") |");
  };
  compiled_page const small(page_with("400", "400"));  // 10,000 × (16 + 8 × 401) bytes twice
  EXPECT_TRUE(small.result.good()) << small.report();
  compiled_page const large(page_with("500", "400"));
  EXPECT_NE(large.report().find("p.md:4:3: error: expected a table whose closed series take at "
                                "most 64 MiB, saw "),
            std::string::npos)
      << large.report();
  EXPECT_EQ(large.result.counts.refused, 1u);
  EXPECT_EQ(large.result.counts.compiled, 1u);
}

std::string sdk_page(std::string_view row) {
  return page_of("| Metric | Type | Help | Labels | Source |", row);
}

// A row with Source sdk that Stele does not know would stay unfed, and nobody could feed it.
TEST(TableCheck, RefusesSdkRowsThatSteleDoesNotFeed) {
  compiled_page const name(sdk_page("| process_open_fd | gauge | X | | sdk |"));
  EXPECT_TRUE(has_line(name.report(),
                       "p.md:3:3: error: expected a row that Stele feeds, saw 'process_open_fd' "
                       "with Source sdk [sdk-row]"));
  EXPECT_NE(name.report().find("did you mean process_open_fds?"), std::string::npos);
  compiled_page const type(sdk_page("| process_open_fds | counter | X | | sdk |"));
  EXPECT_TRUE(has_line(type.report(),
                       "p.md:3:22: error: expected gauge, the type that Stele feeds "
                       "'process_open_fds' with, saw counter [sdk-row]"));
  for (std::string const labels : {"", "code", "code{200,500}", "status{200,500,503}"}) {
    compiled_page const page(sdk_page("| promhttp_metric_handler_requests_total | counter | X | " +
                                      labels + " | sdk |"));
    EXPECT_NE(page.report().find("error: expected code{200,500,503}, as Stele feeds"),
              std::string::npos)
        << page.report();
    EXPECT_EQ(page.result.counts.refused, 1u);
  }
  compiled_page const none(sdk_page("| process_max_fds | gauge | X | a | sdk |"));
  EXPECT_NE(none.report().find("error: expected no labels, as Stele feeds"), std::string::npos);
}

TEST(TableCheck, WarnsOfAnSdkRowWithoutASource) {
  compiled_page const page(sdk_page("| process_open_fds | gauge | X | | |"));
  EXPECT_TRUE(page.result.good()) << page.report();
  EXPECT_NE(page.report().find("warning: expected Source sdk for 'process_open_fds'"),
            std::string::npos)
      << page.report();
  compiled_page const stated(sdk_page("| process_open_fds | gauge | X | | service |"));
  EXPECT_EQ(stated.report().find("[sdk-row]"), std::string::npos);
  compiled_page const without(rows("| process_open_fds | gauge | X | |"));
  EXPECT_EQ(without.report().find("[sdk-row]"), std::string::npos);
}

// "All rows are checked in one pass", "sorted by position"
TEST(TableCheck, ReportsEveryFaultInThePagesOrder) {
  compiled_page const page(
      rows("| a b | timer | X | c-d |\n| x | gauge | X | |\n| y | gauges | X | 1 |"));
  std::string const report = page.report();
  EXPECT_EQ(page.result.found.errors(), 5u) << report;
  std::size_t last = 0;
  for (std::string const place :
       {"p.md:3:3:", "p.md:3:9:", "p.md:3:21:", "p.md:5:7:", "p.md:5:20:"}) {
    std::size_t const at = report.find(place);
    ASSERT_NE(at, std::string::npos) << place << "\n" << report;
    EXPECT_GE(at, last);
    last = at;
  }
  EXPECT_TRUE(has_line(report, "p.md: 3 rows: 1 compiled, 0 merged, 2 refused, 0 skipped"));
}

TEST(TableCheck, SortsByName) {
  compiled_page const page(rows("| b | gauge | X | |\n| a | gauge | X | |\n| B | gauge | X | |"));
  ASSERT_EQ(page.result.table.size(), 3u);
  EXPECT_EQ(page.row(0).name, "B");
  EXPECT_EQ(page.row(1).name, "a");
}

}  // namespace
}  // namespace stele::tables::test
