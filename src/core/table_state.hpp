// table_state.hpp: what a process keeps of one table: its threads' slabs, what ended threads left,
// the gauges, the open series, the readings.
//
// One table_state a table and process, made at first use and never destroyed, so that an update is
// valid before main() and in the last destructor. Its mutex guards the lists and the retired cells;
// it is taken by attaching, folding, finding an open series, and gathers; never by an update of an
// attached thread through an instrument that it holds. No callback runs under it.

#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/constant_labels.hpp"
#include "core/open_row.hpp"
#include "core/readers.hpp"
#include "stele/slab.hpp"

namespace stele::core {

/// The cells of one thread. `shadow` holds, at twice a cell's offset, what a gather keeps beside
/// it; a cell has at least half the bytes of its shadow.
struct slab_memory {
  std::byte* cells;
  std::byte* shadow;
};

/// What a process knows of one row.
struct row_state {
  std::atomic<bool> exposed{false};
  std::atomic<std::uint64_t> refused{0};
  std::vector<std::string> closed_labels;  // rendered, a string a series; one empty if unlabelled
  std::vector<double> floor;               // the highest value or sum exposed, a series
  std::unique_ptr<open_row> open;          // where the row has an open label
};

class table_state {
 public:
  explicit table_state(table_info const& table);

  /// A zeroed slab for a thread, listed. Null where there is no memory.
  std::byte* new_slab() noexcept;
  /// Adds a slab's cells to the retired ones, and frees it. REQUIRES: its owner has ended or is
  /// the caller.
  void fold(std::byte* slab) noexcept;

  table_info const& info;
  std::byte* const shared;  // gauges; read and written without the mutex

  std::mutex mutex;
  std::vector<slab_memory> live;
  slab_memory retired;
  std::vector<row_state> rows;  // the vector itself is constant; flags in it are atomic
  reader_list readers;          // has a lock of its own
  std::shared_ptr<constant_label_set const> constant_labels;  // of every series; null: none
};

/// The table with this name, made at its first use. Two tables of one name and different content
/// in one process end it with a message: their offsets would not agree.
table_state& find_or_make_table(table_info const& table) noexcept;

}  // namespace stele::core
