// native_cell.hpp: one thread's native buckets, and what a gather keeps beside them.
//
// A sign's buckets are attached by the owner at the first value that needs them, from malloc: a
// program's operator new may itself observe.
//
//   native_cell& cell = histogram.native(bounds);
//   copy_native(cell, counts);                                // a gather, in try_read()
//   fold_native(ended, stopped_in_update, retired);           // when its thread has ended
//   release_native(cell);
//
// Threads: the owner writes, within the updates of the histogram_cell that the buckets belong to;
// any thread copies, within that cell's try_read().

#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "core/native_counts.hpp"
#include "stele/cell.hpp"
#include "stele/descriptor.hpp"

namespace stele {

/// One sign's buckets.
class native_half {
 public:
  std::atomic<std::int64_t> first{0};
  std::array<std::atomic<std::uint64_t>, core::native_positions> counts{};

  core::native_window last_read;    // gathers only
  core::native_window owners_copy;  // the owner's between take() and publish(), else the gather's
};

namespace core {

/// Copies the buckets. Inside try_read(), or where the cell is quiet.
void copy_native(native_cell const& cell, native_counts& to) noexcept;

/// Adds the buckets of a cell without an owner to another's, inside an update of the latter, and
/// frees them. Where the owner stopped in mid-update they are as its last copy.
void fold_native(native_cell& from, bool stopped_in_update, native_cell& into) noexcept;

/// What a gather read last of a cell.
void add_last_native(native_cell const& cell, native_counts& to) noexcept;

/// Frees the buckets of a quiet cell.
void release_native(native_cell& cell) noexcept;

}  // namespace core

}  // namespace stele
