// slab_memory.hpp: the memory of a table's two regions, and of the pages of rows with many series.
//
//   slab_memory const slab = make_slab(table, memory_part::slabs);
//   std::byte* const cells = cells_of(table, row, slab.cells);
//
// Threads: cells are read and written as cell.hpp says; all else is guarded by the table's mutex.

#pragma once

#include <cstddef>

#include "core/memory.hpp"
#include "stele/slab.hpp"

namespace stele::core {

/// The cells of one thread. `shadow` holds, at twice a cell's offset, what a gather keeps beside
/// it; a cell has at least half the bytes of its shadow. A page has its shadow behind it.
struct slab_memory {
  std::byte* cells;
  std::byte* shadow;
};

/// A region's memory, zeroed: an open row's word is null, and so is that of a page. Throw
/// std::bad_alloc.
std::byte* make_shared_block(table_info const& table);
slab_memory make_slab(table_info const& table, memory_part part);
/// What make_slab() made for a thread, without what its cells have attached.
void free_slab(table_info const& table, slab_memory const& slab) noexcept;

/// The cells of a closed row in a region, or null where they stand on a page that is not there.
std::byte* cells_of(table_info const& table, std::size_t row, std::byte* region) noexcept;
/// What a gather keeps beside those cells. REQUIRES: they are there, and are not set.
std::byte* shadows_of(table_info const& table, std::size_t row, slab_memory const& slab) noexcept;

/// Sets the cells of a closed row to 0, and frees what they have attached. REQUIRES: nobody writes
/// to them.
void clear_closed(table_info const& table, std::size_t row, slab_memory const& region) noexcept;

/// Adds the cells of a closed row to the retired ones, and frees what they have attached. REQUIRES:
/// nobody writes to them any more.
void fold_closed(table_info const& table, std::size_t row, slab_memory const& slab,
                 slab_memory const& retired) noexcept;

}  // namespace stele::core
