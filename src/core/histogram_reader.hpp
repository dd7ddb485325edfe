// histogram_reader.hpp: adds up one series of a histogram, thread by thread.
//
//   histogram_reader reader;
//   reader.start(row);
//   for (auto const& each : cells) reader.add(each.cell, each.shadow);
//
// Each thread's part is of one moment: its count, its sum, its buckets and its native buckets
// belong together. Threads: one, and one gather of a table at a time.

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/memory.hpp"
#include "core/native_counts.hpp"
#include "stele/cell.hpp"
#include "stele/descriptor.hpp"

namespace stele::core {

/// The owner's copy beside the last one in a shadow.
histogram_cell::copy& owners_copy(descriptor const& row, std::byte* shadow) noexcept;
/// Makes the owner's copy the last one, where it is newer. REQUIRES: the owner does not write it.
bool take_owners_copy(descriptor const& row, std::byte* cell, std::byte* shadow) noexcept;

class histogram_reader {
 public:
  void start(descriptor const& row);

  /// Makes a copy of the cell the last one; false where the owner is in mid-update. Never waits.
  bool refresh(std::byte* cell, std::byte* shadow) noexcept;

  /// Where the owner keeps writing it is asked for a copy, and where it does not answer, because it
  /// is preempted in mid-update, the last copy is taken: a read is bounded and never falls behind
  /// an earlier one. REQUIRES: a shadow that construct_shadow() made for this cell.
  void add(std::byte* cell, std::byte* shadow) noexcept;

  /// counts()[0 … bounds], not cumulative.
  [[nodiscard]] std::span<std::uint64_t const> counts() const noexcept { return counts_; }
  [[nodiscard]] double sum() const noexcept { return sum_; }
  /// Whether the sum may be lower than at an earlier gather, because of what was observed.
  [[nodiscard]] bool sum_may_fall() const noexcept;
  /// REQUIRES: the row has native buckets.
  [[nodiscard]] native_counts const& native() const noexcept { return native_; }

 private:
  descriptor const* row_ = nullptr;
  vector<std::uint64_t, memory_part::snapshots> counts_;
  vector<std::uint64_t, memory_part::snapshots> one_;  // of the cell at hand
  double sum_ = 0;
  bool saw_negative_ = false;
  native_counts native_;
  native_counts one_native_;  // of the cell at hand
};

}  // namespace stele::core
