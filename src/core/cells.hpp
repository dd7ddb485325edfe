// cells.hpp: cells as the library handles them, by descriptor: made, folded into another, copied.
//
//   construct_cells(row, closed_series_count(row), at);
//   fold_cell(row, ended_threads_cell, its_shadow, retired_cell);
//
// Threads: whoever owns the cells, or holds the table's mutex where nobody does.

#pragma once

#include <cstddef>

#include "stele/descriptor.hpp"

namespace stele::core {

/// Makes `count` zeroed cells of a row side by side.
void construct_cells(descriptor const& row, std::size_t count, std::byte* at);

/// Adds the cell of a thread that is no more to another, and frees what is attached to it. A
/// histogram whose owner stopped in mid-update, as a thread does that a fork leaves behind, is as
/// its last copy in the shadow. REQUIRES: the caller owns `into`; the row counts.
void fold_cell(descriptor const& row, std::byte* from, std::byte* shadow, std::byte* into) noexcept;

/// Frees what a cell has attached. REQUIRES: nobody writes to it any more.
void destroy_cell(descriptor const& row, std::byte* at) noexcept;

/// What a gather keeps beside a cell of a row: for a histogram its last consistent copy, and room
/// for one that the owner makes; nothing for the others. At most twice the bytes of the cell.
std::size_t shadow_bytes(descriptor const& row) noexcept;
void construct_shadow(descriptor const& row, std::byte* at) noexcept;

}  // namespace stele::core
