// open_row.hpp: the series of a row with an open label, and the threads' blocks of them.
//
// A series is made at the first use of its label values and is known to all threads; each thread
// that uses it has a block (stele/open_block.hpp) of its own, which is folded into the series'
// retired cell when the thread ends.
//
//   series& of_path = row.find_or_make(std::move(values));
//   open_block& block = of_path.new_block(slab);
//   row.end_if([](series& each) { return is_old(each); });
//
// Threads: everything here is guarded by the mutex of the row's table, except that a block is
// written by its owner at any time, and a thread_row is its thread's alone.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/exemplars.hpp"
#include "core/hash_table.hpp"
#include "core/label_values.hpp"
#include "core/memory.hpp"
#include "core/series_list.hpp"
#include "core/shared_cells.hpp"
#include "stele/cell.hpp"
#include "stele/clock.hpp"
#include "stele/descriptor.hpp"
#include "stele/open_block.hpp"
#include "stele/slab.hpp"

namespace stele::core {

class series {
 public:
  /// `cells` are those of a row that is set. Throws std::bad_alloc.
  series(descriptor const& row, std::size_t row_index, label_values values, std::uint64_t key_hash,
         shared_cells& cells);
  ~series();
  series(series const&) = delete;
  series& operator=(series const&) = delete;

  struct thread_cell {
    std::byte* cell;
    std::byte* shadow;  // see shadow_bytes()
  };

  /// A block for the thread with this slab, listed.
  open_block& new_block(std::byte* slab);
  /// Folds a block, whose thread ends, into the retired cell, and forgets it.
  void fold(open_block& block) noexcept;
  /// The series' exemplars, which a block keeps from now on. Null where there is no memory.
  exemplar_table* exemplars_for(open_block& block) noexcept;
  /// Null until the first.
  [[nodiscard]] exemplar_table* exemplars() const noexcept { return exemplars_; }
  /// Tells the blocks that what is written to them is no longer exposed, and forgets them.
  void end() noexcept;

  /// Calls visit(thread_cell) for each cell that counts.
  template <class Visit>
  void for_each_cell(Visit visit) const;

  /// Calls visit(open_block&) for each thread's block.
  template <class Visit>
  void for_each_block(Visit visit) const {
    for (open_block* block : live_) visit(*block);
  }

  [[nodiscard]] bool is(label_values values) const noexcept {
    return stored_values(key_.data()).equal(values);
  }
  void read_values(std::string_view* values) const noexcept {
    stored_values(key_.data()).read(values, row_.labels.size());
  }
  /// Whether a thread has updated it since gather number `since`, or may have.
  [[nodiscard]] bool touched_since(std::uint32_t since) const noexcept;

  /// The one cell of a row that is set, else null.
  [[nodiscard]] std::byte* shared_value() const noexcept { return shared_.at; }

  std::uint64_t const hash;
  double floor = 0;            // the highest value or sum exposed
  std::int64_t last_seen = 0;  // when it was last known to be updated: steady, in nanoseconds

 private:
  descriptor const& row_;
  std::uint16_t const row_index_;
  vector<std::byte, memory_part::open_series> key_;
  vector<open_block*, memory_part::open_series> live_;
  std::byte* retired_ = nullptr;  // with its shadow behind it; null where the row is set
  shared_cells::cell shared_;     // where the row is set
  std::uint32_t retired_touched_ = 0;
  exemplar_table* exemplars_ = nullptr;
};

/// One thread's blocks of one row. Owned by the thread's slab.
struct thread_row {
  hash_table<open_block, memory_part::thread_maps> blocks;
  std::uint64_t ended_seen = 0;  // open_row::ended when ended blocks were last let go

  /// Lets go of the blocks whose series ended.
  void drop_ended() noexcept;
};

/// Takes a block from its thread, which ends or no longer finds it; frees it where no handle is
/// left.
void let_go(open_block& block) noexcept;

class open_row {
 public:
  open_row(descriptor const& row, std::size_t index)
      : row_(row), index_(index), cells_(row), all_(row.has_begin()) {}

  /// The series of these values, made when it is new. Past the bound it is one in which the label
  /// with the most values, or each open one, is `__overflow__`. REQUIRES: the values are valid.
  series& find_or_make(valid_values values);
  [[nodiscard]] series* find(label_values values, std::uint64_t hash) const noexcept;

  /// Ends the series for which ends(series) is true, and returns how many they were. A snapshot has
  /// what it shows of them.
  template <class Ends>
  std::size_t end_if(Ends ends) noexcept;

  /// Gives back what handles of ended series kept.
  void trim() noexcept { cells_.trim(); }

  [[nodiscard]] bool is_full() const noexcept { return all_.size() >= count_max; }

  /// In the order in which they were made, which is the same from scrape to scrape.
  [[nodiscard]] series_list const& all() const noexcept { return all_; }

  std::size_t count_max = open_series_max;
  std::int64_t expiry = 0;     // nanoseconds; 0: never
  std::int64_t room_made = 0;  // when a look-up last found the row full: steady, nanoseconds
  std::uint64_t ended = 0;     // how many series were taken out
  std::atomic<std::uint64_t> overflows{0};  // how often a series past the bound was asked for

 private:
  series& make(label_values values, std::uint64_t hash);
  std::size_t label_with_most_values() const;
  void end(series& which) noexcept;

  descriptor const& row_;
  std::size_t index_;
  shared_cells cells_;  // outlive the series
  series_list all_;
  hash_table<series, memory_part::open_series> by_values_;
  std::size_t crowded_label_ = no_label;
  static constexpr std::size_t no_label = static_cast<std::size_t>(-1);
};

template <class Visit>
void series::for_each_cell(Visit visit) const {
  if (shared_.at != nullptr) {
    visit(thread_cell{shared_.at, nullptr});
    return;
  }
  for (open_block const* block : live_)
    visit(thread_cell{block->cell, block->cell + cell_bytes(row_)});
  visit(thread_cell{retired_, retired_ + cell_bytes(row_)});
}

template <class Ends>
std::size_t open_row::end_if(Ends ends) noexcept {
  std::size_t const count = all_.take_out([&](series& each) {
    if (!ends(each)) return false;
    end(each);
    return true;
  });
  ended += count;
  if (count != 0) trim();
  return count;
}

}  // namespace stele::core
