// markdown.hpp: the pipe tables of a GitHub-flavoured Markdown page.
//
// cmark-gfm decides what is a table and what only looks like one (in code fences, comments); this
// reader turns its cells into text with places. Backquotes, links, emphasis, entities and known
// HTML elements are markup; `<br>` and list items are line breaks; a placeholder such as `<name>`,
// which HTML would swallow, is kept as text.
//
//   page_lines lines(page.lines());
//   for (raw_table const& table : read_markdown(page, lines, found)) …
//
// Threads: any, one page each.

#pragma once

#include <vector>

#include "table/diagnostic.hpp"
#include "table/page_lines.hpp"
#include "table/raw_table.hpp"
#include "table/source.hpp"

namespace stele::tables {

/// All pipe tables, in the page's order. A table of more than 512 columns is reported and makes the
/// result empty: such a page is not documentation. Marks the lines of tables, code, comments and
/// HTML.
std::vector<raw_table> read_markdown(source_text const& page, page_lines& lines,
                                     diagnostics& found);

}  // namespace stele::tables
