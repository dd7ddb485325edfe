#include "table/compile.hpp"

#include <fmt/format.h>

#include <vector>

#include "table/check.hpp"
#include "table/lint.hpp"
#include "table/markdown.hpp"
#include "table/page_text.hpp"

namespace stele::tables {

namespace {

std::vector<raw_table> read_tables(source_text const& page, diagnostics& found) {
  auto tables = read_markdown(page, found);
  if (tables.empty()) tables = read_page_text(page);
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

  auto const tables = read_tables(result.page, result.found);
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
