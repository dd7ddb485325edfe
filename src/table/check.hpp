// check.hpp: what only a whole table can show: repeats, clashes, an empty result.
//
//   check_table(table, found, counts);   // sorted by name, repeats merged
//
// Threads: any, one table each.

#pragma once

#include "table/diagnostic.hpp"
#include "table/rows.hpp"
#include "table/table.hpp"

namespace stele::tables {

/// Merges identical repeats, refuses contradicting ones and names that clash through suffixes, sets
/// `openmetrics_unknown`, sorts by name, and counts what is compiled, merged and refused.
void check_table(metric_table& table, diagnostics& found, row_counts& counts);

}  // namespace stele::tables
