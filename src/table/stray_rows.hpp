// stray_rows.hpp: rows that stand outside of any table, and would be dropped silently.
//
// Markdown ends a table at a blank line, and takes it for text where its delimiter row is too
// short, for code where it is indented, for HTML behind a tag. None of that looks wrong on a page.
//
//   refuse_stray_rows(page, lines, found, counts);
//
// Threads: any, one page each.

#pragma once

#include "table/diagnostic.hpp"
#include "table/page_lines.hpp"
#include "table/rows.hpp"
#include "table/source.hpp"

namespace stele::tables {

/// An error for each run of lines that look like rows and that no reader marked as a table's or as
/// left alone; a note for a whole table among them that lists no metrics. Counts their rows.
void refuse_stray_rows(source_text const& page, page_lines const& lines, diagnostics& found,
                       row_counts& counts);

}  // namespace stele::tables
