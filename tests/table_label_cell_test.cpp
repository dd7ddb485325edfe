// The grammar of the Labels cell and of labels behind a name.

#include <gtest/gtest.h>

#include "table_case.hpp"

namespace stele::tables::test {
namespace {

/// The labels as text, or the report where the row was refused.
std::string labels_of(compiled_page const& page) {
  if (page.result.table.empty()) return page.report();
  std::string text;
  for (auto const& label : page.row().labels) {
    text += text.empty() ? "" : " ";
    text += label.name;
    for (std::size_t i = 0; i < label.values.size(); ++i)
      text += (i == 0 ? "{" : ",") + label.values[i];
    text += label.values.empty() ? "" : "}";
  }
  return text;
}

std::string labels_in(std::string_view cell) { return labels_of(compiled_page(labels_page(cell))); }

// "names separated by spaces or commas"
TEST(TableLabelCell, ReadsNamesHoweverTheyAreSeparated) {
  for (std::string const cell :
       {"a b c", "a, b, c", "`a` `b` `c`", "`a`, `b` and `c`", "`a`,`b`,`c`", "`a, b, c`",
        "`a`<br>`b`<br>`c`", "<ul><li>a</li><li>b</li><li>c</li></ul>", "{a, b, c}",
        "`a`=\"x\", `b`=&lt;y&gt;, `c`=?", "{a=\"1\", b=\"2\", c=\"3\"}"})
    EXPECT_EQ(labels_in(cell), "a b c") << cell;
}

// "none, [], empty = none"
TEST(TableLabelCell, ReadsTheWaysToSayNone) {
  for (std::string const cell : {"", "none", "None", "[]", "-", "—", "{}"})
    EXPECT_EQ(labels_in(cell), "") << cell;
}

// "closed set `method{GET,POST,other}`"
TEST(TableLabelCell, ReadsClosedSetsInTheirOrder) {
  EXPECT_EQ(labels_in("`method{POST,GET,other}` `path`"), "method{POST,GET,other} path");
  EXPECT_EQ(labels_in("code{200, 503}, path"), "code{200,503} path");
  EXPECT_EQ(labels_in("`phase`=&lt;Pending\\|Running&gt;"), "phase{Pending,Running}");
}

TEST(TableLabelCell, PassesOverRemarks) {
  EXPECT_EQ(labels_in("`code` (the status; `1xx`, `2xx` (and more)), `zone`"), "code zone");
  EXPECT_EQ(labels_in("`code`: the HTTP status<br>`zone`: the zone's name"), "code zone");
}

// "`name{a,b}` in a name cell declares labels"
TEST(TableLabelCell, ReadsLabelsBehindTheName) {
  compiled_page const page(
      page_of("| Metric | Type | Help |", "| `x_total{a, b}` | counter | X |"));
  EXPECT_EQ(labels_of(page), "a b");
  EXPECT_EQ(page.row().name, "x_total");
  compiled_page const twice(page_of("| Metric | Type | Labels |", "| `x{a}` | gauge | `a` |"));
  EXPECT_EQ(labels_of(twice), "a");
  compiled_page const conflict(page_of("| Metric | Type | Labels |", "| `x{a}` | gauge | `b` |"));
  EXPECT_TRUE(has_line(conflict.report(),
                       "p.md:3:5: error: expected the labels of the Labels cell, "
                       "saw '{a}' [label-conflict]"));
}

struct refused_cell {
  std::string_view cell;
  std::string_view line;  // behind "p.md:3:" of the report
};

// "accept what is unambiguous, refuse the rest with a clear diagnostic"
TEST(TableLabelCell, RefusesTheRestAtItsPlace) {
  refused_cell const cells[]{
      {"`a-b`", "28: error: expected a label name, saw 'a-b' [label-name]"},
      {"`a` `1x`", "32: error: expected a label name, saw '1x' [label-name]"},
      {"`__a`",
       "28: error: expected a label name without leading '__', saw '__a' [label-reserved]"},
      {"a b a", "31: error: expected each label once, saw 'a' again [label-repeat]"},
      {"the name of it",
       "27: error: expected label names, saw a sentence with 'the' [label-prose]"},
      {"`a` or nothing",
       "34: error: expected a label name in backquotes, saw 'nothing' [label-prose]"},
      {"`a{x,y`",
       "29: error: expected '}' after the values, saw the end of the cell [label-values]"},
      {"`a{x,,y}`", "32: error: expected the values of 'a', saw '' [label-values]"},
      {"`a{x,...}`", "32: error: expected the values of 'a', saw '...' [label-values]"},
      {"`a{}`", "30: error: expected the values of 'a', saw '' [label-values]"},
      {"`a{x,y,x}`", "35: error: expected each value of 'a' once, saw 'x' twice [label-values]"},
      {"{a=~\"x\"}", "29: error: expected name=value, saw '=~\"x\"' [label-matcher]"},
      {"{a=\"1\", ...}", "35: error: expected all labels by name, saw '...' [label-open-end]"},
      {"`l_POD`=&lt;POD&gt;",
       "28: error: expected a label name, saw the template 'l_POD' "
       "[label-template]"},
      {"`a` (unclosed",
       "31: error: expected ')' after the remark, saw the end of the cell "
       "[label-prose]"},
      {"`a`: x, `b`: y", "36: error: expected a remark, saw 'b:' in backquotes [label-prose]"},
      {"`a`=\"x",
       "31: error: expected '\"' after the value, saw the end of the cell [label-values]"},
  };
  for (auto const& [cell, line] : cells) {
    compiled_page const page(labels_page(cell));
    EXPECT_TRUE(has_line(page.report(), "p.md:3:" + std::string(line))) << cell;
    EXPECT_EQ(page.result.found.errors(), 1u) << page.report();
  }
}

// "enumerator identifier form …, clash = error"
TEST(TableLabelCell, RefusesValuesThatHaveOneEnumerator) {
  compiled_page const page(labels_page("`a{in-use,in_use}`"));
  EXPECT_NE(page.report().find("expected values of 'a' that differ as C++ names, saw 'in-use' and "
                               "'in_use', both in_use [enumerator]"),
            std::string::npos)
      << page.report();
}

// "`le` on histograms and `quantile` on summaries refused"
TEST(TableLabelCell, RefusesTheLabelsThatTheExpositionWrites) {
  compiled_page const histogram(page_of("| Metric | Type | Labels |", "| x | histogram | `le` |"));
  EXPECT_TRUE(has_line(histogram.report(),
                       "p.md:3:20: error: expected another label on a histogram, "
                       "saw 'le' [label-reserved]"));
  compiled_page const summary(
      page_of("| Metric | Type | Labels |", "| x | summary | `quantile` |"));
  EXPECT_EQ(summary.result.found.errors(), 1u);
  compiled_page const gauge(page_of("| Metric | Type | Labels |", "| x | gauge | `le` |"));
  EXPECT_TRUE(gauge.result.good());
}

}  // namespace
}  // namespace stele::tables::test
