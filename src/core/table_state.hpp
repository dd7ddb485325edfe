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
#include "stele/slab.hpp"

namespace stele::core {

/// The cells of one thread. `shadow` holds, at twice a cell's offset, what a gather keeps beside
/// it; a cell has at least half the bytes of its shadow. A page has its shadow behind it.
struct slab_memory {
  std::byte* cells;
  std::byte* shadow;
  vector<slab_pointer*> cached;  // the pointers that the process's shared objects keep to it
};

/// What a process knows of one row.
struct row_state {
  std::atomic<bool> exposed{false};
  std::atomic<std::uint64_t> refused{0};
  report_limit reports;
  vector<string> closed_labels;  // rendered, a string a series; one empty if unlabelled
  vector<double> floor;          // the highest value or sum exposed, a series
  std::unique_ptr<open_row, destroyer> open;        // where the row has an open label
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

  /// Where exemplars of a closed row, or of a thread's block, go. Null where there is no memory, or
  /// the block's series has ended. Takes no lock but for a thread's first.
  exemplar_table* exemplars_of(std::size_t row) noexcept;
  exemplar_table* exemplars_of(open_block& block) noexcept;
  /// Under the mutex: sends all threads the long way, on which they give exemplars.
  void ask_for_samples() noexcept;

  /// Under the mutex: ends the series of a row for which ends(series) is true; how many they were.
  template <class Ends>
  std::size_t end_series(open_row& row, Ends ends) noexcept {
    return row.take_out(ends, [this](open_row::ended_series ended) { bury(std::move(ended)); });
  }
  /// Under the mutex: ends those that were not updated for as long as the row says.
  void expire(open_row& row, std::int64_t now) noexcept;
  /// Under the mutex: what a snapshot that is made now must keep.
  std::shared_ptr<grave> newest_grave();

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
  void bury(open_row::ended_series ended) noexcept;

  std::shared_ptr<grave> newest_;
};

/// The cells of a closed row in a region, or null where they stand on a page that is not there.
std::byte* cells_of(table_info const& table, std::size_t row, std::byte* region) noexcept;
/// What a gather keeps beside those cells. REQUIRES: they are there, and are not set.
std::byte* shadows_of(table_info const& table, std::size_t row, slab_memory const& slab) noexcept;

/// Calls ask_for_samples() on every table.
void ask_all_threads_for_samples() noexcept;

/// The table with this name, made at its first use. Two tables of one name and different content
/// in one process end it with a message: their offsets would not agree.
table_state& find_or_make_table(table_info const& table) noexcept;

/// Keeps the shared object that holds a link loaded until the process ends. Tables refer to their
/// constants, and threads to their cached pointers, in the object that was the first to use them; a
/// plugin that is closed would take them away. Takes the loader's lock, which is held while the
/// static constructors of an object run that is being loaded; so it is called by the registrars,
/// which run there, and by gathers, but not by updates.
void pin_object_of(table_link& link) noexcept;

}  // namespace stele::core
