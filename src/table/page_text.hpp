// page_text.hpp: a page's plain text in which the columns of a table have run together.
//
// Such a table begins with its run-together heading on a line of its own and ends where other text
// stands behind an empty line, or at the end of the page:
//
//   MetricTypeDescription
//   jobs_totalcounterJobs done.
//
// The type is the first type word in a row's leading identifier that no `[a-z0-9_:]` follows: names
// and types are in lower case, and a description begins with a capital letter or a space.
//
// Threads: any, one page each.

#pragma once

#include <vector>

#include "table/page_lines.hpp"
#include "table/raw_table.hpp"
#include "table/source.hpp"

namespace stele::tables {

/// All run-together tables. A row in which no type can be found has an empty Type cell. Marks the
/// lines of tables, and those that look like rows behind the end of one.
std::vector<raw_table> read_page_text(source_text const& page, page_lines& lines);

}  // namespace stele::tables
