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

#include <array>
#include <atomic>
#include <cstddef>
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

/// How many a table has at most.
inline constexpr std::size_t family_sources_max = 8;

/// Throws std::bad_alloc, and std::length_error where the table has as many as it can.
STELE_API void add_family_source(table_link& link, family_source& source);
/// Nothing where it was not added, or was in the parent of this process. REQUIRES: not called from
/// its read().
STELE_API void remove_family_source(table_link& link, family_source& source) noexcept;

// ---- The core's own -----------------------------------------------------------------------------

struct listed_source {
  explicit listed_source(family_source& source) noexcept : of(source) {}

  family_source& of;
  std::atomic<std::uint32_t> gathers{0};  // that read it; raised under the table's mutex
};

/// Of a table, guarded by its mutex.
using source_list = std::array<std::shared_ptr<listed_source>, family_sources_max>;

/// The sources of a table during one gather: none of them ends before this does.
class source_reads {
 public:
  explicit source_reads(table_state& table) noexcept;
  ~source_reads();
  source_reads(source_reads const&) = delete;
  source_reads& operator=(source_reads const&) = delete;

  /// Throws what they throw.
  void read(row_filter const* filter, snapshot_data& out) const;

 private:
  source_list sources_;
};

}  // namespace stele::core
