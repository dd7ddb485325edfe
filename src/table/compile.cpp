#include "table/compile.hpp"

#include <fmt/format.h>

#include <vector>

#include "table/check.hpp"
#include "table/lint.hpp"
#include "table/markdown.hpp"
#include "table/page_lines.hpp"
#include "table/page_text.hpp"
#include "table/stray_rows.hpp"

namespace stele::tables {

namespace {

/// A Markdown page is read as Markdown alone: a table of page text on it would be dropped.
void refuse_other_form(source_text const& page, page_lines const& lines, diagnostics& found,
                       row_counts& counts) {
  page_lines lines_of_page_text(page.lines());
  for (auto const& table : read_page_text(page, lines_of_page_text)) {
    if (lines[page.position_of(table.begin).line] != line_kind::text) continue;
    found.error(table.begin,
                fmt::format("expected pipe tables alone on a page that has one, saw {} rows whose "
                            "columns run together",
                            table.rows.size()),
                "row-outside-table", "write them as a pipe table");
    counts.refused += table.rows.size();
  }
}

std::vector<raw_table> read_tables(source_text const& page, diagnostics& found,
                                   row_counts& counts) {
  page_lines lines(page.lines());
  auto tables = read_markdown(page, lines, found);
  if (found.errors() > 0) return tables;  // the page was not read
  if (tables.empty())
    tables = read_page_text(page, lines);
  else
    refuse_other_form(page, lines, found, counts);
  refuse_stray_rows(page, lines, found, counts);
  return tables;
}

}  // namespace

std::string compilation::report(std::string_view file) const {
  std::string result = to_text(found, page, file);
  return result + fmt::format("{}: {} rows: {} compiled, {} merged, {} refused, {} skipped\n", file,
                              counts.all(), counts.compiled, counts.merged, counts.refused,
                              counts.skipped);
}

compilation compile_page(std::string_view text) {
  compilation result(text);
  if (!result.page.check_encoding(result.found)) return result;

  auto const tables = read_tables(result.page, result.found, result.counts);
  result.table = read_rows(tables, result.found, result.counts);
  check_table(result.table, result.found, result.counts);
  check_lint(result.table, result.found);
  if (result.table.empty() && result.found.errors() == 0)
    result.found.error(0, "expected a table with a column of metric names, saw none", "empty",
                       "write a Markdown table: | Metric | Type | Description |");
  result.found.sort();
  return result;
}

}  // namespace stele::tables
