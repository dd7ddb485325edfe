// cells.hpp: cells as the library handles them, by descriptor: made, folded into another, copied.

#pragma once

#include <cstddef>
#include <cstdint>

#include "stele/descriptor.hpp"

namespace stele::core {

/// Makes `count` zeroed cells of a row side by side.
void construct_cells(descriptor const& row, std::size_t count, std::byte* at);

/// Adds a quiet cell to another, and destroys it. REQUIRES: the caller owns both; the row counts.
void fold_cell(descriptor const& row, std::byte* from, std::byte* into) noexcept;

/// Frees what a cell has attached. REQUIRES: nobody writes to it any more.
void destroy_cell(descriptor const& row, std::byte* at) noexcept;

/// What a gather keeps beside a cell of a row: for a histogram its last consistent copy, and room
/// for one that the owner makes; nothing for the others.
std::size_t shadow_bytes(descriptor const& row) noexcept;
void construct_shadow(descriptor const& row, std::byte* at) noexcept;

/// Adds a histogram's buckets, as counts[0 … bounds], and sum to the output. Where the owner keeps
/// writing it is asked for a copy, and where it does not answer, because it is preempted in
/// mid-update, the last copy is taken: a read is bounded and never falls behind an earlier one.
/// `scratch` has room for bounds + 1 counts. One gather at a time.
void read_histogram(descriptor const& row, std::byte* cell, std::byte* shadow,
                    std::uint64_t* scratch, std::uint64_t* counts, double& sum) noexcept;

}  // namespace stele::core
