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
                       "p.md:12:9: error: expected counter, gauge, histogram or summary, saw "
                       "'wrong' [type]"));
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

TEST(TableMarkdown, SkipsAnEmptyRowWithANote) {
  compiled_page const page(page_of("| Metric | Type |", "| x | gauge |\n| | |"));
  EXPECT_TRUE(page.result.good());
  EXPECT_EQ(page.result.counts.skipped, 1u);
  EXPECT_NE(page.report().find("p.md:4:"), std::string::npos);
}

}  // namespace
}  // namespace stele::tables::test
