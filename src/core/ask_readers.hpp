// ask_readers.hpp: the callbacks of a table, asked for one snapshot after the pass over the cells.

#pragma once

#include <cstddef>
#include "core/snapshot_data.hpp"
#include "core/table_state.hpp"

namespace stele::core {

/// Where a row's closed series stand in the snapshot.
struct closed_place {
  std::size_t row;
  std::size_t first_series;
};

/// Asks the callbacks, with no lock held: of each series the newest that is there. A series whose
/// callback has no value is left out.
void ask_readers(table_state& state, vector<closed_place> const& places, snapshot_data& out);

}  // namespace stele::core
