// family_source.hpp: families beside those of a table, which gathers of the table have too: what
// workspace agents push.
//
//   add_family_source(link_of<coderd::table>, source);
//   remove_family_source(link_of<coderd::table>, source);    // waits for a gather that reads it
//
// Threads: any. read() is called on threads that gather, several at once, with no lock of the core
// held but the one that remove waits for.

#pragma once

#include "core/row_filter.hpp"
#include "core/snapshot_data.hpp"
#include "stele/api.hpp"
#include "stele/slab.hpp"

namespace stele::core {

class STELE_API family_source {
 public:
  virtual ~family_source();

  /// Appends families to the snapshot, in any order, none of a name that is there. Descriptors are
  /// kept by the snapshot (snapshot_data::kept). Throws std::bad_alloc.
  virtual void read(row_filter const* filter, snapshot_data& out) = 0;
};

/// Throws std::bad_alloc.
STELE_API void add_family_source(table_link& link, family_source& source);
STELE_API void remove_family_source(table_link& link, family_source& source) noexcept;

}  // namespace stele::core
