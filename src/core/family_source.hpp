// family_source.hpp: families beside those of a table, which gathers of the table have too: what
// workspace agents push.
//
//   add_family_source(link_of<coderd::table>, source);
//   remove_family_source(link_of<coderd::table>, source);    // waits for a gather that reads it
//
// In the child of a fork there are none: their locks may be held by threads that are not there.
//
// Threads: any. read() is called on threads that gather, several at once, with no lock of the core
// held but the one that remove waits for.

#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

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

/// False where the table has one, with whose families this one's might clash. Throws
/// std::bad_alloc.
[[nodiscard]] STELE_API bool add_family_source(table_link& link, family_source& source);
/// Nothing where it was not added, or was in the parent of this process. REQUIRES: not called from
/// its read().
STELE_API void remove_family_source(table_link& link, family_source& source) noexcept;

// ---- The core's own -----------------------------------------------------------------------------

struct listed_source {
  explicit listed_source(family_source& source) noexcept : of(source) {}

  family_source& of;
  std::atomic<std::uint32_t> gathers{0};  // that read it; raised under the table's mutex
};

/// The source of a table, if it has one, during one gather: it does not end before this does.
class source_read {
 public:
  explicit source_read(table_state& table) noexcept;
  ~source_read();
  source_read(source_read const&) = delete;
  source_read& operator=(source_read const&) = delete;

  /// Throws what it throws.
  void read(row_filter const* filter, snapshot_data& out) const;

 private:
  std::shared_ptr<listed_source> source_;
};

}  // namespace stele::core
