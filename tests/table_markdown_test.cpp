// The Markdown reader: what is content, what is markup, and where it stands.

#include <gtest/gtest.h>

#include "table_case.hpp"

namespace stele::tables::test {
namespace {

std::string help_of(std::string const& cell) {
  compiled_page const page(page_of("| Metric | Type | Help |", "| x | gauge | " + cell + " |"));
  return page.result.table.empty() ? page.report() : page.row().help;
}

// "Backticks, links, emphasis, entities and <br> in cells are markup, not content."
TEST(TableMarkdown, TakesMarkupOff) {
  EXPECT_EQ(help_of("Uses `code`, *emphasis*, **more** and [a link](http://x/)."),
            "Uses code, emphasis, more and a link.");
  EXPECT_EQ(help_of("Less &lt; and &amp; and &#65; &unknown;"), "Less < and & and A &unknown;");
  EXPECT_EQ(help_of("One<br>two<br/>three"), "One two three");
  EXPECT_EQ(help_of("<b>Bold</b> <!-- hidden -->text"), "Bold text");
  EXPECT_EQ(help_of("``a ` b`` and \\*not emphasis\\*"), "a ` b and *not emphasis*");
  EXPECT_EQ(help_of("snake_case_names stay"), "snake_case_names stay");
  EXPECT_EQ(help_of("either \\| or `x\\|y`"), "either | or x|y");
}

TEST(TableMarkdown, KeepsAPlaceholderThatHtmlWouldSwallow) {
  EXPECT_EQ(help_of("In format <host>:<port>."), "In format <host>:<port>.");
}

TEST(TableMarkdown, ReadsTablesWithoutOuterPipesAndInListsAndQuotes) {
  compiled_page const page(
      "Metric | Type\n---|---\n`a` | gauge\n\n"
      "- item\n  | Metric | Type |\n  |---|---|\n  | b | gauge |\n\n"
      "> | Metric | Type |\n> |---|---|\n> | c | wrong |\n");
  ASSERT_EQ(page.result.table.size(), 2u) << page.report();
  EXPECT_TRUE(has_line(page.report(),
                       "p.md:12:9: error: expected counter, gauge, histogram, summary, info "
                       "or stateset, saw 'wrong' [type]"));
}

// "Tables in code fences/comments are not compiled."
TEST(TableMarkdown, LeavesFencesAndCommentsAlone) {
  compiled_page const page(
      "```\n| Metric | Type |\n|---|---|\n| a | gauge |\n```\n\n"
      "<!--\n| Metric | Type |\n|---|---|\n| b | gauge |\n-->\n\n"
      "| Metric | Type |\n|---|---|\n| c | gauge |\n");
  ASSERT_EQ(page.result.table.size(), 1u);
  EXPECT_EQ(page.row().name, "c");
}

// "keep an escape map: cmark's columns are bytes and shift by one after each \|"
TEST(TableMarkdown, PlacesAreRightBehindEscapedPipes) {
  std::string const row = "| x | gauge | a \\| b \\| c | `p\\|q` `ü` `__bad` |";
  compiled_page const page(page_of("| Metric | Type | Help | Labels |", row));
  // The first fault of the cell is the pipe in a label's name.
  EXPECT_TRUE(has_line(page.report(),
                       "p.md:3:30: error: expected a label name, saw 'p|q' "
                       "[label-name]"));
  compiled_page const later(
      page_of("| Metric | Type | Help | Labels |", "| x | gauge | ü \\| | `ok`=<a\\|b> `__bad` |"));
  EXPECT_TRUE(has_line(later.report(),
                       "p.md:3:35: error: expected a label name without leading "
                       "'__', saw '__bad' [label-reserved]"));
}

TEST(TableMarkdown, PlacesAreRightBehindEntities) {
  compiled_page const page(labels_page("`a`=&lt;v&gt; <br> `__b`"));
  EXPECT_TRUE(has_line(page.report(),
                       "p.md:3:47: error: expected a label name without leading "
                       "'__', saw '__b' [label-reserved]"));
}

TEST(TableMarkdown, PlacesHeadingsBelowAParagraph) {
  compiled_page const page(
      "Some text\nabove\n| Metric | Colour | Type |\n|---|---|---|\n| x | red | gauge |\n");
  EXPECT_TRUE(has_line(page.report(),
                       "p.md:3:12: note: the column 'Colour' is not read "
                       "[column-ignored]"));
  compiled_page const without_rows("Some text\n| Metric | Type |\n|---|---|\n");
  EXPECT_FALSE(without_rows.result.good());
}

TEST(TableMarkdown, TakesAMissingCellForAnEmptyOne) {
  compiled_page const page(page_of("| Metric | Help | Type |", "| x | Help"));
  EXPECT_TRUE(has_line(page.report(),
                       "p.md:3:11: error: expected the metric's type, saw an empty "
                       "cell [type-missing]"));
}

// Nothing is dropped silently, although GitHub drops what stands behind the last column.
TEST(TableMarkdown, RefusesARowWithMoreCellsThanHeadings) {
  compiled_page const page(page_of("| Metric | Type |", "| x | gauge | a | b |"));
  EXPECT_TRUE(has_line(page.report(), "p.md:3:15: error: expected 2 cells, saw more [row-width]"));
  compiled_page const blank(page_of("| Metric | Type |", "| x | gauge | |"));
  EXPECT_TRUE(blank.result.good()) << blank.report();
}

constexpr char const* table_of_d = "\n| Metric | Type |\n|---|---|\n| d | gauge |\n";

// "All rows are checked in one pass; nothing is dropped silently; the exit status is not 0."
TEST(TableMarkdown, RefusesRowsOutsideOfAnyTable) {
  struct {
    std::string text, place, cause;
    int rows;
  } const cases[]{
      {"| Metric | Type |\n|---|---|\n| a | gauge |\n\n| b | gauge |\n| c | what |\n", "5:1",
       "a blank line ends a table", 2},
      {"| Metric | Type | Help |\n|---|---|\n| a | gauge | A |\n", "1:1",
       "the delimiter row has 2 columns, the heading 3", 1},
      {"<details>\n| Metric | Type |\n|---|---|\n| a | gauge |\n</details>\n", "2:1",
       "HTML goes on until a blank line", 1},
      {"    | Metric | Type |\n    |---|---|\n    | a | gauge |\n", "1:5",
       "four spaces of indentation make a table code", 1},
      {"Metric | Type\n---|---\na | gauge\n\n`b` | gauge\n", "5:1", "a blank line ends a table", 1},
      {"- item\n\n  | b | gauge |\n", "3:3", "no heading with a |---|---| row stands above", 1},
      {"```\ncode\n```\n| b | gauge |\n", "4:1", "no heading with a |---|---| row stands above", 1},
      {"Text `<!--` and\n| b | gauge |\n", "2:1", "no heading with a |---|---| row stands above",
       1},
  };
  for (auto const& [text, place, cause, rows] : cases) {
    compiled_page const page(text + table_of_d);
    EXPECT_TRUE(has_line(page.report(), "p.md:" + place +
                                            ": error: expected rows inside a table, saw " +
                                            std::to_string(rows) + " outside of any: " + cause +
                                            " [row-outside-table]"));
    EXPECT_EQ(page.result.counts.refused, static_cast<std::size_t>(rows)) << page.report();
  }
}

TEST(TableMarkdown, RefusesPageTextBesideAPipeTable) {
  compiled_page const page(std::string("MetricTypeHelp\nagaugeA.\n") + table_of_d +
                           "\n```\nMetricTypeHelp\nbgaugeB.\n```\n");
  EXPECT_TRUE(has_line(page.report(),
                       "p.md:1:1: error: expected pipe tables alone on a page that has one, saw 1 "
                       "rows whose columns run together [row-outside-table]"));
  EXPECT_EQ(page.result.found.errors(), 1u) << page.report();
}

TEST(TableMarkdown, LetsLinesStandThatAreNoRows) {
  for (std::string const text : {
           "Text <!-- of\n| a | gauge |\n| b | gauge |\n--> more\n",
           "<div>\n<!--\n| a | gauge |\n-->\n</div>\n",
           "- item\n  ```\n  | a | gauge |\n  ```\n",
           "~~~\n| a | gauge |\n\n| b | gauge |\n~~~\n",
           "    ps aux\n    | grep x | wc -l\n",
           "Either a | b, or not.\n",
           "| Colour | Taste |\n|---|\n| red | sweet |\n",
       }) {
    compiled_page const page(text + table_of_d);
    EXPECT_TRUE(page.result.good()) << page.report();
    EXPECT_EQ(page.result.counts.compiled, 1u) << page.report();
  }
}

TEST(TableMarkdown, SkipsAnEmptyRowWithANote) {
  compiled_page const page(page_of("| Metric | Type |", "| x | gauge |\n| | |"));
  EXPECT_TRUE(page.result.good());
  EXPECT_EQ(page.result.counts.skipped, 1u);
  EXPECT_NE(page.report().find("p.md:4:"), std::string::npos);
}

}  // namespace
}  // namespace stele::tables::test
