// snapshot_pool.hpp: snapshots' arrays, kept so that a scrape in a steady state does not allocate
// and fill them anew.
//
//   snapshot_data* const values = take_from_pool();
//   return_to_pool(values);
//
// Threads: any.

#pragma once

#include "core/snapshot_data.hpp"

namespace stele::core {

/// Empty arrays, with the capacity of an earlier snapshot where there is one. Throws bad_alloc.
snapshot_data* take_from_pool();
void return_to_pool(snapshot_data* data) noexcept;

}  // namespace stele::core
