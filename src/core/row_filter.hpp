// row_filter.hpp: which rows a gather reads.
//
//   struct only_jobs final : core::row_filter {
//     bool wants(table_info const&, descriptor const& row) const noexcept override {
//       return row.name.starts_with("jobs_");
//     }
//   };
//
// Threads: asked on the thread that gathers. A filter outlives the gather that it is given to.

#pragma once

#include "stele/descriptor.hpp"
#include "stele/slab.hpp"

namespace stele::core {

class row_filter {
 public:
  /// Whether the row is to be in the snapshot. A row that is not wanted costs nothing more.
  [[nodiscard]] virtual bool wants(table_info const& table,
                                   descriptor const& row) const noexcept = 0;

 protected:
  ~row_filter() = default;
};

}  // namespace stele::core
