// open_row.hpp: the series of a row with an open label.
//
// A series is made at the first use of its label values and is known to all threads; each thread
// that updates it has a cell of its own, which is folded into the series' retired cell when the
// thread ends. Everything here is guarded by the mutex of the row's table, except that a cell is
// written by its owner at any time.

#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "stele/cell.hpp"
#include "stele/descriptor.hpp"

namespace stele::core {

class series {
 public:
  series(descriptor const& about, std::string_view rendered_labels);

  /// A cell for the calling thread, listed. Gauges have one cell for all threads.
  std::byte* new_cell();
  /// Folds a thread's cell into the retired one and frees it.
  void fold(std::byte* cell) noexcept;

  struct thread_cell {
    std::byte* cell;
    std::byte* shadow;  // see shadow_bytes()
  };

  descriptor const& row;
  std::string const labels;
  std::vector<thread_cell> live;
  thread_cell retired;  // a gauge's only cell
  double floor = 0;     // the highest value or sum exposed
};

class open_row {
 public:
  explicit open_row(descriptor const& about) : row_(about) {}

  /// The series of these values (one a label, in table order), made when it is new.
  series& find(std::string_view const* values);

  /// In the order in which they were made, which is the same from scrape to scrape.
  [[nodiscard]] std::deque<series>& all() noexcept { return series_; }

 private:
  descriptor const& row_;
  std::deque<series> series_;  // addresses stay
  std::unordered_map<std::string, series*> by_labels_;
};

/// One thread's cells of one row. Owned by the thread's slab.
using thread_series = std::unordered_map<series*, std::byte*>;

/// Folds all of a thread's cells of a row, and frees the map. Null is allowed.
void fold_thread_series(descriptor const& row, thread_series* ended) noexcept;

}  // namespace stele::core
