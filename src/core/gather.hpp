// gather.hpp: the pass over the cells of tables. The whole of a gather is pending_gather's.
//
//   snapshot_data* const values = take_from_pool();
//   read_cells(tables, nullptr, *values);
//
// Threads: any; one pass at a time over a table, whose mutex it takes.

#pragma once

#include <span>

#include "core/row_filter.hpp"
#include "core/snapshot_data.hpp"
#include "core/table_state.hpp"

namespace stele::core {

/// Appends the rows in use that the filter wants, or all of them, as their cells have them, to the
/// snapshot; then what the tables' family_sources have, with no table's mutex held. Throws
/// std::bad_alloc.
void read_cells(std::span<table_link* const> tables, row_filter const* filter, snapshot_data& out);

}  // namespace stele::core
