// table_state.hpp: what a process keeps of one table: its threads' slabs, what ended threads left,
// the cells that are set, the open series, the readings.
//
// One table_state a table and process, made at first use and never destroyed, so that an update is
// valid before main() and in the last destructor. Its mutex guards the lists and the retired cells;
// it is taken by attaching, folding, making an open series, and gathers; never by an update of an
// attached thread through an instrument that it holds. No callback runs under it, and no memory
// under it comes from operator new.

#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string_view>

#include "core/constant_labels.hpp"
#include "core/diagnostics.hpp"
#include "core/memory.hpp"
#include "core/open_row.hpp"
#include "core/readers.hpp"
#include "core/slab_memory.hpp"
#include "stele/slab.hpp"

namespace stele::core {

/// Cells of a row that are added to with a lock prefix, one a series, in a shared object's memory.
struct counter_memory {
  std::byte* memory;
  std::size_t bytes;
};

/// What a process knows of one row.
struct row_state {
  std::atomic<bool> exposed{false};
  std::atomic<std::uint64_t> refused{0};
  report_limit reports;
  vector<string> closed_labels;  // rendered, a string a series; one empty if unlabelled
  vector<double> floor;          // the highest value or sum exposed, a series
  std::unique_ptr<open_row, destroyer> open;        // where the row has an open label
  vector<counter_memory> signal_cells;              // of inc_from_signal()
  std::atomic<exemplar_table*> exemplars{nullptr};  // of all series of a closed row, side by side
};

/// Series that were taken out while a snapshot may refer to them. A snapshot keeps the grave that
/// was the newest when it was made, and so all that were dug later.
struct grave {
  vector<open_row::ended_series> ended;
  std::shared_ptr<grave> next;
};

class table_state {
 public:
  explicit table_state(table_info const& table);

  /// A zeroed slab for a thread, listed. Null where there is no memory.
  std::byte* new_slab() noexcept;
  /// Lists one more pointer to a slab; false where there is no memory.
  bool list_pointer(std::byte* slab, slab_pointer& cached) noexcept;
  /// Clears the pointers to a slab, adds its cells to the retired ones, and frees it. REQUIRES: its
  /// owner has ended or is the caller.
  void fold(std::byte* slab) noexcept;
  /// Under the mutex: folds all slabs but this one, whose owners are gone: they are not in the
  /// child of a fork.
  void keep_only(std::byte* slab) noexcept;
  /// Under the mutex: forgets exemplars whose writer is gone in the same way.
  void repair_exemplars() noexcept;
  /// Whether this is the first time for a feeder. Under a fork_pause.
  bool begin_feed(feeder who) noexcept;
  /// As stele/fork.hpp says. REQUIRES: no thread updates at the same time.
  void start_from_zero() noexcept;

  /// Where exemplars of a closed row, or of a thread's block, go. Null where there is no memory, or
  /// the block's series has ended. Takes no lock but for a thread's first.
  exemplar_table* exemplars_of(std::size_t row) noexcept;
  exemplar_table* exemplars_of(open_block& block) noexcept;
  /// Under the mutex: sends all threads the long way, on which they give exemplars.
  void ask_for_samples() noexcept;

  /// Under the mutex: ends the series of a row for which ends(series) is true; how many they were.
  template <class Ends>
  std::size_t end_series(open_row& row, Ends ends) noexcept {
    std::size_t const count =
        row.take_out(ends, [this](open_row::ended_series ended) { bury(std::move(ended)); });
    if (count != 0) close_grave();
    return count;
  }
  /// Under the mutex: ends those that were not updated for as long as the row says.
  void expire(open_row& row, std::int64_t now) noexcept;
  /// Under the mutex: the same for a row that is full, but not at every call.
  void make_room(open_row& row, std::int64_t now) noexcept;
  /// Under the mutex: what a snapshot that is made now must keep.
  [[nodiscard]] std::shared_ptr<grave> const& newest_grave() const noexcept { return newest_; }

  table_info const& info;
  std::byte* const shared;  // read and written without the mutex

  std::mutex mutex;
  vector<slab_memory> live;
  slab_memory retired;
  vector<row_state> rows;      // the vector itself is constant; flags in it are atomic
  std::uint32_t gathered = 0;  // gather_number at the last gather
  std::atomic<std::uint32_t> samples_asked{0};  // how often ask_for_samples() was called
  reader_list readers;                          // guarded by the readings' mutex
  std::shared_ptr<constant_label_set const> constant_labels;  // of every series; null: none

 private:
  void fold(slab_memory const& slab) noexcept;
  void bury(open_row::ended_series ended) noexcept;
  void close_grave() noexcept;

  std::shared_ptr<grave> newest_;
  unsigned fed_ = 0;  // a bit a feeder
};

}  // namespace stele::core
