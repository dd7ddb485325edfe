// sdk_rows.hpp: the rows that Stele feeds itself, as a table must have them.
//
// A row with Source `sdk` that Stele does not know would stay unfed, and no call could feed it.
//
//   refuse_sdk_rows(table, found, counts);
//
// Threads: any, one table each.

#pragma once

#include "table/diagnostic.hpp"
#include "table/rows.hpp"
#include "table/table.hpp"

namespace stele::tables {

/// Refuses rows with Source `sdk` whose name, type or labels are not what Stele feeds. Warns of a
/// name that Stele feeds beside an empty Source cell.
void refuse_sdk_rows(metric_table& table, diagnostics& found, row_counts& counts);

}  // namespace stele::tables
