// Prometheus's naming lint: that Stele objects to what promtool objects to, and to nothing else.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <set>
#include <string>

#include "stele/enum_names.hpp"
#include "table/lint.hpp"
#include "table_case.hpp"

namespace stele::tables::test {
namespace {

/// A scrape that shows every row once: what promtool needs to see of a table.
std::string exposition(metric_table const& table) {
  std::string out;
  for (auto const& row : table) {
    if (!row.help.empty()) out += fmt::format("# HELP {} {}\n", row.name, row.help);
    out += fmt::format("# TYPE {} {}\n", row.name, name_of(row.type));
    std::string labels;
    for (auto const& label : row.labels) labels += fmt::format("{}=\"1\",", label.name);
    if (row.type == metric_type::histogram)
      out += fmt::format("{}_bucket{{{}le=\"+Inf\"}} 0\n", row.name, labels);
    if (row.type == metric_type::histogram || row.type == metric_type::summary)
      out += fmt::format("{0}_sum{{{1}}} 0\n{0}_count{{{1}}} 0\n", row.name, labels);
    else
      out += fmt::format("{}{{{}}} 0\n", row.name, labels);
  }
  return out;
}

/// The lines that `promtool check metrics` has for a table, or nothing where it is not installed.
std::optional<std::set<std::string>> promtool_says(metric_table const& table) {
  if (std::system("promtool --version >/dev/null 2>&1") != 0) return std::nullopt;
  std::string const path = testing::TempDir() + "stele_table_lint.prom";
  std::ofstream(path, std::ios::binary) << exposition(table);
  std::FILE* const pipe = ::popen(("promtool check metrics 2>&1 < '" + path + "'").c_str(), "r");
  std::set<std::string> lines;
  char line[4096];
  while (pipe != nullptr && std::fgets(line, sizeof line, pipe) != nullptr) {
    std::string text(line);
    while (text.ends_with('\n')) text.pop_back();
    lines.insert(text);
  }
  if (pipe != nullptr) ::pclose(pipe);
  std::filesystem::remove(path);
  return lines;
}

std::set<std::string> stele_says(metric_table const& table) {
  std::set<std::string> lines;
  for (auto const& row : table)
    for (auto const& objection : lint(row)) lines.insert(row.name + " " + objection.text);
  return lines;
}

std::string const rule_breakers = page_of("| Metric | Type | Help | Labels |",
                                          "| a_nanoseconds | summary | X | |\n"
                                          "| b_total | gauge | X | |\n"
                                          "| c_count | gauge | X | |\n"
                                          "| d_ms_total | counter | X | |\n"
                                          "| e_S | gauge | X | |\n"
                                          "| f_days | histogram | X | |\n"
                                          "| g | counter | | |\n"
                                          "| camelCase | gauge | X | camelCase |\n"
                                          "| h_gauge_x | gauge | X | |\n"
                                          "| h_Histogram | gauge | X | |\n"
                                          "| summary_h | gauge | X | |\n"
                                          "| i_bucket | gauge | X | |\n"
                                          "| j_sum | counter | X | |\n"
                                          "| k_kibibytes_x | gauge | X | |\n"
                                          "| l_thermometers | gauge | X | |\n"
                                          "| m_decameters | gauge | X | |\n"
                                          "| n | gauge | X | le quantile |\n"
                                          "| o_bytes | gauge | X | |\n"
                                          "| milligrams_p | gauge | X | |\n"
                                          "| s_q | gauge | X | |\n"
                                          "| r_s_x | gauge | X | |\n");

// "the rules and texts of `promtool check metrics`"
TEST(TableLint, ObjectsToWhatPromtoolObjectsTo) {
  compiled_page const page(rule_breakers);
  ASSERT_TRUE(page.result.good()) << page.report();
  auto said = promtool_says(page.result.table);
  if (!said) GTEST_SKIP() << "promtool is not installed";
  auto ours = stele_says(page.result.table);
  // One rule of ours covers both reserved labels, and says the first.
  said->erase("n non-summary metrics should not have \"quantile\" label");
  EXPECT_EQ(ours, *said);
}

TEST(TableLint, WarnsAndCompiles) {
  compiled_page const page(page_of("| Metric | Type | Help |", "| x_ms | gauge | X |"));
  EXPECT_TRUE(page.result.good());
  EXPECT_TRUE(has_line(page.report(),
                       "p.md:3:3: warning: metric names should not contain "
                       "abbreviated units [lint-abbreviated-unit]"));
}

// "a row can allow by name, with a reason"
TEST(TableLint, IsAllowedByTheRow) {
  compiled_page const page(
      page_of("| Metric | Type | Help | Lint |",
              "| x_ms | counter | X | allow abbreviated-unit: old name; `allow "
              "lint-counter-suffix: old: name` |"));
  EXPECT_TRUE(has_line(page.report(), "p.md: 1 rows: 1 compiled, 0 merged, 0 refused, 0 skipped"));
  EXPECT_TRUE(page.result.found.list().empty()) << page.report();
  EXPECT_EQ(page.row().allowances.at(1).reason, "old: name");
}

// "a stale allow (nothing to allow) warns"
TEST(TableLint, WarnsOfAStaleAllowance) {
  compiled_page const page(
      page_of("| Metric | Type | Help | Lint |", "| x | gauge | X | allow base-unit: once |"));
  EXPECT_TRUE(page.result.good());
  EXPECT_TRUE(has_line(page.report(),
                       "p.md:3:19: warning: expected an objection of rule "
                       "'base-unit' to allow, saw none [lint-stale]"));
}

// "promtool check metrics has nine objections to the table … the table allows exactly these"
TEST(TableLint, CoderdsTableAllowsExactlyWhatPromtoolFinds) {
  auto const text = file_text("docs/coderd.md");
  ASSERT_TRUE(text) << "docs/coderd.md is not below " << source_root();
  compiled_page const page(*text);
  EXPECT_TRUE(page.result.found.list().empty()) << page.report();
  std::set<std::string> const known{
      R"(coderd_agent_aggregator_collect_nanoseconds use base unit "seconds" instead of "nanoseconds")",
      R"(coderd_agent_aggregator_count_total non-counter metrics should not have "_total" suffix)",
      R"(coderd_agent_aggregator_workspace_count_total non-counter metrics should not have "_total" suffix)",
      R"(coderd_api_request_latencies_ms metric names should not contain abbreviated units)",
      R"(coderd_api_websocket_durations_ms metric names should not contain abbreviated units)",
      R"(coderd_background_workspace_build_duration_s metric names should not contain abbreviated units)",
      R"(coderd_db_sql_query_latencies_ms metric names should not contain abbreviated units)",
      R"(coderd_license_time_until_expires_days use base unit "seconds" instead of "days")",
      R"(coderd_license_user_count non-histogram and non-summary metrics should not have "_count" suffix)"};
  EXPECT_EQ(stele_says(page.result.table), known);
  std::size_t allowances = 0;
  for (auto const& row : page.result.table) allowances += row.allowances.size();
  EXPECT_EQ(allowances, known.size());
  auto const said = promtool_says(page.result.table);
  if (!said) GTEST_SKIP() << "promtool is not installed";
  EXPECT_EQ(*said, known);
}

}  // namespace
}  // namespace stele::tables::test
