// snapshot.hpp: the values of one gather, taken at one moment and then left alone.
//
//   stele::snapshot now = stele::gather<coderd::table>();
//
// Threads: gather() may be called from any thread, several at once; a snapshot belongs to one
// thread at a time. Updates go on during a gather and are in it or in the next one; the sum and the
// buckets of one histogram always belong together.

#pragma once

#include <cstddef>
#include <span>

#include "slab.hpp"
#include "table.hpp"

namespace stele {

namespace core {
class snapshot_data;  // src/core/snapshot_data.hpp
}

class STELE_API snapshot {
 public:
  explicit snapshot(core::snapshot_data* data) noexcept : data_(data) {}
  snapshot(snapshot&& other) noexcept;
  snapshot& operator=(snapshot&& other) noexcept;
  ~snapshot();

  /// How many families and series it holds. A histogram or a summary is one series a label set.
  [[nodiscard]] std::size_t family_count() const noexcept;
  [[nodiscard]] std::size_t series_count() const noexcept;

  [[nodiscard]] core::snapshot_data const& data() const noexcept { return *data_; }

 private:
  core::snapshot_data* data_;
};

namespace core {

/// Gathers the rows in use of several tables, families sorted by name. Throws std::bad_alloc.
STELE_API snapshot gather(std::span<table_link* const> tables);

}  // namespace core

/// Gathers the rows in use of one or more tables.
template <class... Tables>
snapshot gather() {
  static_assert(tables_fit<Tables...>(),
                "tables that are exposed together require names that do not clash; two rows have "
                "the same name, or names that differ in a suffix that one of them takes "
                "(x_count beside a histogram x)");
  core::table_link* const links[]{&link_of<Tables>...};
  return core::gather(links);
}

}  // namespace stele
