// Rows of the types info and stateset: what a page states of them, and what is refused.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "table/content_hash.hpp"
#include "table/emit.hpp"
#include "table/lint.hpp"
#include "table_case.hpp"

namespace stele::tables::test {
namespace {

using texts = std::vector<std::string>;

std::string typed(std::string_view rows) {
  return page_of("| Metric | Type | Help | Labels | Unit | Buckets |", rows);
}

struct refused_row {
  std::string_view row;
  std::string_view line;
};

}  // namespace

// "an `info` row's name ends in `_info`, has no unit, needs no closed labels"
TEST(TableInfoRow, IsRead) {
  compiled_page const page(
      typed("| a_info | info | A | `version`, `branch{main,other}` | | |\n"
            "| b_info | INFO | B | | none | - |\n"
            "| c_seconds_info | info | C | | - | |"));
  ASSERT_EQ(page.result.table.size(), 3u) << page.report();
  for (auto const& row : page.result.table) {
    EXPECT_EQ(row.type, metric_type::info);
    EXPECT_EQ(row.unit, unit::none);
  }
  EXPECT_EQ(page.row(0).labels.size(), 2u);
}

// "exactly one closed label whose name is the metric's own name: it lists the states, is taken out
// of the label struct and becomes `.states` and an enum (the other labels stay labels)"
TEST(TableStatesetRow, TakesItsStatesFromTheLabelOfItsName) {
  compiled_page const page(
      typed("| x | stateset | X | `node`, `x{on,off}`, `zone{a,b}` | | |\n"
            "| y_days{y_days{up}} | Stateset | Y | | | |"));
  ASSERT_EQ(page.result.table.size(), 2u) << page.report();
  EXPECT_EQ(page.row(0).states, (texts{"on", "off"}));
  ASSERT_EQ(page.row(0).labels.size(), 2u);
  EXPECT_EQ(page.row(0).labels[0].name, "node");
  EXPECT_EQ(page.row(0).labels[1].name, "zone");
  EXPECT_EQ(page.row(1).states, texts{"up"});
  EXPECT_TRUE(page.row(1).labels.empty());
  EXPECT_EQ(page.row(1).unit, unit::none);
}

TEST(TableStatesetRow, HasAtMost64States) {
  std::string states = "s0";
  for (int i = 1; i < 64; ++i) states += ",s" + std::to_string(i);
  compiled_page const fits(typed("| x | stateset | X | `x{" + states + "}` | | |"));
  EXPECT_EQ(fits.row().states.size(), 64u) << fits.report();
  compiled_page const page(typed("| x | stateset | X | `x{" + states + ",s64}` | | |"));
  EXPECT_TRUE(has_line(page.report(),
                       "p.md:3:22: error: expected a closed label 'x' that lists 1 to 64 states, "
                       "saw 65 values [stateset-states]"));
}

TEST(TableRowTypes, RefusesWhatDoesNotFitThemAtItsPlace) {
  refused_row const rows[]{
      {"| build | info | X | | | |",
       "p.md:3:3: error: expected a name that ends in _info for an info row, saw 'build' "
       "[info-name]"},
      {"| _info | info | X | | | |",
       "p.md:3:3: error: expected a name that ends in _info for an info row, saw '_info' "
       "[info-name]"},
      {"| x_info | info | X | | seconds | |",
       "p.md:3:25: error: expected an empty cell for an info row, saw 'seconds' [unit-type]"},
      {"| x_info | info | X | | | 1 2 |",
       "p.md:3:27: error: expected an empty cell for an info, saw '1 2' [distribution-type]"},
      {"| x | stateset | X | `x{a}` | ms | |",
       "p.md:3:31: error: expected an empty cell for a stateset row, saw 'ms' [unit-type]"},
      {"| x | stateset | X | `x{a}` | | native |",
       "p.md:3:33: error: expected an empty cell for a stateset, saw 'native' "
       "[distribution-type]"},
      {"| x | stateset | X | `state{a,b}` | | |",
       "p.md:3:22: error: expected a closed label 'x' that lists 1 to 64 states, saw no such label "
       "[stateset-states]"},
      {"| x | stateset | X | `x` | | |",
       "p.md:3:22: error: expected a closed label 'x' that lists 1 to 64 states, saw an open label "
       "[stateset-states]"},
      {"| x | stateset | X | | | |",
       "p.md:3:21: error: expected a closed label 'x' that lists 1 to 64 states, saw no such label "
       "[stateset-states]"},
      {"| x | stateset | X | `x{a-b,a_b}` | | |",
       "p.md:3:32: error: expected values of 'x' that differ as C++ names, saw 'a-b' and 'a_b', "
       "both a_b [enumerator]"},
      {"| x | statset | X | `x{a}` | | |",
       "p.md:3:7: error: expected counter, gauge, histogram, summary, info or stateset, saw "
       "'statset' [type]"},
  };
  for (auto const& [row, line] : rows) {
    compiled_page const page(typed(row));
    EXPECT_TRUE(has_line(page.report(), line));
    EXPECT_EQ(page.result.found.errors(), 1u) << page.report();
    EXPECT_EQ(page.result.counts.refused, 1u);
  }
}

// "Suffix clashes of Info (`_info`) and StateSet per OpenMetrics"
TEST(TableRowTypes, RefusesNamesThatClashInOpenMetrics) {
  refused_row const pairs[]{
      {"| x | gauge | X | | | |\n| x_info | info | X | | | |",
       "p.md:4:3: error: expected a name that the gauge 'x' does not take through its suffixes, "
       "saw 'x_info'; both would expose 'x' [clash]"},
      {"| x_info | info | X | | | |\n| x | stateset | X | `x{a}` | | |",
       "p.md:4:3: error: expected a name that the info 'x_info' does not take through its "
       "suffixes, saw 'x'; both would expose 'x' [clash]"},
      {"| x | stateset | X | `x{a}` | | |\n| x_info | info | X | | | |",
       "p.md:4:3: error: expected a name that the stateset 'x' does not take through its suffixes, "
       "saw 'x_info'; both would expose 'x' [clash]"},
      {"| x_total | counter | X | | | |\n| x_info | info | X | | | |",
       "p.md:4:3: error: expected a name that the counter 'x_total' does not take through its "
       "suffixes, saw 'x_info'; both would expose 'x' [clash]"},
      {"| x_total_info | info | X | | | |\n| x_total | counter | X | | | |",
       "p.md:4:3: error: expected a name that the info 'x_total_info' does not take through its "
       "suffixes, saw 'x_total'; both would expose 'x_total' [clash]"},
  };
  for (auto const& [rows, line] : pairs) {
    compiled_page const page(typed(rows));
    EXPECT_TRUE(has_line(page.report(), line));
  }
  compiled_page const apart(
      typed("| x_info | gauge | X | | | |\n| x | gauge | X | | | |\n"
            "| y | stateset | X | `y{a}` | | |\n| y_total | counter | X | | | |"));
  EXPECT_TRUE(apart.result.good()) << apart.report();
}

TEST(TableRowTypes, ARepeatWithOtherStatesContradicts) {
  compiled_page const page(
      typed("| x | stateset | X | `x{a}` | | |\n| x | stateset | X | `x{a,b}` | | |"));
  EXPECT_TRUE(has_line(page.report(),
                       "p.md:4:22: error: expected 'x{a}', the labels of an earlier row of 'x', "
                       "saw 'x{a,b}' [repeat-labels]"));
  compiled_page const native(
      typed("| x | histogram | X | | | 1 |\n| x | histogram | X | | | 1 +native |"));
  EXPECT_NE(native.report().find("[repeat]"), std::string::npos);
  EXPECT_EQ(native.result.counts.refused, 1u);
}

// Tables of options and of log levels have an `int` or an `info` in their Type column.
TEST(TableRowTypes, TheWordInfoMakesNoTableOfMetrics) {
  compiled_page const page(page_of("| Metric | Type |", "| a | gauge |") + "\n" +
                           page_of("| Name | Type |", "| login | info |\n| x | into |") +
                           "\nlogin | info\n");
  EXPECT_TRUE(page.result.good()) << page.report();
  EXPECT_EQ(page.result.counts.skipped, 2u);
  compiled_page const typo(page_of("| Metric | Type |", "| a | int |"));
  EXPECT_EQ(typo.report().find("write info"), std::string::npos) << typo.report();
  compiled_page const metrics(page_of("| Name | Type |", "| build_info | info |"));
  EXPECT_EQ(metrics.result.table.size(), 1u) << metrics.report();
}

TEST(TableRowTypes, AreEmittedWithTheirStatesAndSchemas) {
  compiled_page const page(
      typed("| x | stateset | X | `x{on,off}` `node` | | |\n| y_info | info | Y | | | |\n"
            "| z | histogram | Z | | | native(5) |"));
  ASSERT_TRUE(page.result.good()) << page.report();
  std::string const header = emit_header(
      page.result.table, {.namespace_name = "shop", .input = "a.md", .output = "shop.hpp"});
  for (std::string_view const part :
       {"enum class x : std::uint8_t { on, off };", "  using state = shop::x;\n",
        "      .states = x_values};", "struct labels_node {",
        "      .type = stele::metric_type::stateset,", "      .type = stele::metric_type::info,",
        "      .native_schema = 5};"})
    EXPECT_NE(header.find(part), std::string::npos) << part << "\n" << header;
  EXPECT_EQ(header.find("bounds[]"), std::string::npos);
}

// "the content hash covers them"
TEST(TableRowTypes, ChangeTheContentHash) {
  auto const hash_of = [](std::string_view row) {
    compiled_page const page(typed(row));
    EXPECT_TRUE(page.result.good()) << page.report();
    return content_hash(page.result.table);
  };
  texts const rows{
      "| x_info | gauge | X | | | |",          "| x_info | info | X | | | |",
      "| x | stateset | X | `x{a}` | | |",     "| x | stateset | X | `x{b}` | | |",
      "| x | stateset | X | `x{a,b}` | | |",   "| x | histogram | X | | | 1 |",
      "| x | histogram | X | | | 1 +native |", "| x | histogram | X | | | 1 +native(4) |"};
  for (std::size_t i = 0; i < rows.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) EXPECT_NE(hash_of(rows[i]), hash_of(rows[j])) << i << j;
}

// promtool sees a gauge with a label of the metric's name, and has no rule for `_info`.
TEST(TableRowTypes, AreLintedAsTheGaugesThatPromtoolSees) {
  compiled_page const page(
      typed("| aB | stateset | | `aB{x}` | | |\n| le | stateset | X | `le{x}` | | |\n"
            "| c_info | info | X | | | |"));
  ASSERT_EQ(page.result.table.size(), 3u) << page.report();
  auto const rules_of = [&](std::size_t row) {
    texts rules;
    for (auto const& each : lint(page.row(row))) rules.emplace_back(each.rule);
    return rules;
  };
  EXPECT_EQ(rules_of(0), (texts{"lint-help", "lint-camel-case", "lint-label-camel-case"}));
  EXPECT_TRUE(rules_of(1).empty());
  EXPECT_EQ(rules_of(2), texts{"lint-reserved-label"});
}

}  // namespace stele::tables::test
