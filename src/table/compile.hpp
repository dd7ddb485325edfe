// compile.hpp: the table compiler as one function: a page's text in, a table and diagnostics out.
//
// No file is read or written here. The form of the page is told by its content: a page with a pipe
// table is Markdown, one with a run-together heading line is a page's plain text.
//
//   compilation const result = compile_page(text);
//   std::cerr << result.report("docs/coderd.md");
//   if (result.good()) write(emit_header(result.table, options));
//
// Threads: any, one page each.

#pragma once

#include <string>
#include <string_view>

#include "table/diagnostic.hpp"
#include "table/rows.hpp"
#include "table/source.hpp"
#include "table/table.hpp"

namespace stele::tables {

struct compilation {
  explicit compilation(std::string_view text) : page(text) {}

  source_text page;   // refers to the caller's text
  diagnostics found;  // sorted by place
  row_counts counts;
  metric_table table;  // sorted by name; only what could be compiled

  /// Whether a header may be written: nothing was refused, and there is at least one row.
  [[nodiscard]] bool good() const noexcept { return found.errors() == 0; }

  /// The diagnostics as lines, and a closing line that accounts for every row.
  [[nodiscard]] std::string report(std::string_view file) const;
};

/// `text` must outlive the result.
compilation compile_page(std::string_view text);

}  // namespace stele::tables
