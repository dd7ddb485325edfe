// table_state.hpp: what a process keeps of one table: its threads' slabs, what ended threads left,
// the cells that are set, the open series, the readings.
//
// One table_state a table and process, made at first use and never destroyed, so that an update is
// valid before main() and in the last destructor.
//
//   table_state& state = state_of(link);
//   std::lock_guard const lock(state.mutex);
//   state.fold_ended();
//   for (attachment* each : state.live) read(each->slab);
//
// Threads: its mutex guards the lists and the retired cells; it is taken by attaching, folding,
// making an open series, and gathers; never by an update of an attached thread through an
// instrument that it holds. No callback runs under it, and no memory under it comes from operator
// new.

#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string_view>
#include <utility>

#include "core/constant_labels.hpp"
#include "core/diagnostics.hpp"
#include "core/family_source.hpp"
#include "core/histogram_reader.hpp"
#include "core/label_page.hpp"
#include "core/memory.hpp"
#include "core/open_row.hpp"
#include "core/readers.hpp"
#include "core/slab_memory.hpp"
#include "core/summary_window.hpp"
#include "core/thread_life.hpp"
#include "stele/slab.hpp"

namespace stele::core {

/// What a process knows of one row.
struct row_state {
  std::atomic<bool> exposed{false};
  std::atomic<bool> fed{false};  // by the library; see feed.hpp
  std::atomic<std::uint64_t> refused{0};
  report_limit reports;
  label_page_use closed_labels;  // of a closed row's series, in their order; one if unlabelled
  vector<double> floor;          // the highest value or sum exposed, a series
  std::unique_ptr<open_row, destroyer<>> open;      // where the row has an open label
  std::atomic<signal_part*> signals{nullptr};       // of inc_from_signal(), in shared objects
  std::atomic<exemplar_table*> exemplars{nullptr};  // of all series of a closed row, side by side

  /// A closed row's series count from now on.
  void begin_now(descriptor const& row) noexcept;

  /// Of signal handlers too.
  [[nodiscard]] std::uint64_t refused_updates() const noexcept {
    std::uint64_t count = refused.load(std::memory_order_relaxed);
    for_each_signal_part([&](signal_part const& part) { count += part.refused; });
    return count;
  }
  template <class Visit>
  void for_each_signal_part(Visit visit) const {
    for (signal_part* each = signals.load(std::memory_order_acquire); each != nullptr;)
      visit(*std::exchange(each, each->next));
  }
};

/// What a gather works with. Its memory is kept, so that the next one allocates nothing.
struct gather_tools {
  vector<series::thread_cell, memory_part::snapshots> cells;  // of the series at hand
  histogram_reader histogram;
  summary_window window;
};

class table_state;

/// What one thread has of one table. The thread finds it by its pthread key, others in table_state.
struct attachment {
  explicit attachment(table_state& table);  // throws std::bad_alloc
  ~attachment();
  attachment(attachment const&) = delete;
  attachment& operator=(attachment const&) = delete;

  table_state& state;
  slab_memory slab;
  vector<slab_pointer*, memory_part::slabs> cached;  // the thread's to it, one a shared object
  thread_life life;                                  // from its listing on
  std::uint32_t samples_asked = 0;  // of the state, when the thread last looked at it
  std::uint32_t samples_left = 0;   // how many more updates go the long way
  attachment* next = nullptr;       // the same thread's to another table
};

class table_state {
 public:
  explicit table_state(table_info const& table);

  /// What the calling thread needs to count, listed. Null where there is no memory.
  attachment* attach_thread() noexcept;
  /// Lists a pointer to the calling thread's slab; false where there is no memory. Takes the mutex
  /// where it is new.
  bool list_pointer(attachment& to, slab_pointer& cached) noexcept;
  /// Clears the calling thread's pointers, adds its cells to the retired ones, and frees them.
  void fold(attachment& own) noexcept;
  /// Under the mutex: the same for threads that ended without it.
  void fold_ended() noexcept;
  /// Under the mutex: folds all but the calling thread's, or null: the others are not in the child
  /// of a fork.
  void keep_only(attachment* own) noexcept;
  /// Under the mutex: forgets exemplars whose writer is gone in the same way.
  void repair_exemplars() noexcept;
  /// As stele/fork.hpp says. REQUIRES: no thread updates at the same time.
  void start_from_zero() noexcept;

  /// Where exemplars of a closed row, or of a thread's block, go. Null where there is no memory, or
  /// the block's series has ended. Takes no lock but for a thread's first.
  exemplar_table* exemplars_of(std::size_t row) noexcept;
  exemplar_table* exemplars_of(open_block& block) noexcept;
  /// Under the mutex: sends all threads the long way, on which they give exemplars.
  void ask_for_samples() noexcept;
  /// Under the mutex: has all threads look at the clock at their next observation of a summary.
  void call_summary_owners() noexcept;

  /// Under the mutex: ends those that were not updated for as long as the row says.
  void expire(open_row& row, std::int64_t now) noexcept;
  /// Under the mutex: the same for a row that is full, but not at every call.
  void make_room(open_row& row, std::int64_t now) noexcept;
  /// Exposes a row from now on.
  void expose(std::size_t row) noexcept;

  table_info const& info;
  std::byte* const shared;  // read and written without the mutex

  std::mutex mutex;
  vector<attachment*> live;
  slab_memory retired;
  vector<row_state> rows;      // the vector itself is constant; flags in it are atomic
  std::uint32_t gathered = 0;  // gather_number at the last gather
  gather_tools tools;
  std::atomic<std::uint32_t> samples_asked{0};  // how often ask_for_samples() was called
  reader_list readers;                          // guarded by the readings' mutex
  std::shared_ptr<constant_label_set const> constant_labels;  // of every series; null: none
  std::shared_ptr<listed_source> source;                      // or null

 private:
  void fold_cells(slab_memory const& slab) noexcept;
};

/// Counts a refusal of a row and reports it: `what` is a sentence without its full stop. With no
/// lock held: the report is the program's.
void refuse(table_link& link, std::size_t row, std::string_view what) noexcept;

}  // namespace stele::core
