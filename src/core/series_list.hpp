// series_list.hpp: the series of an open row, in the order in which they were made, and their
// labels on pages.
//
//   series_list all;
//   all.reserve(labels.size());                      // throws, and changes nothing
//   all.add(made, labels, unix_milliseconds());
//   for (series_list::shelf const& each : all.shelves()) gather(each);
//
// A series that ends leaves a hole. A shelf that is half empty, or has many holes, is made anew:
// the order stays.
//
// Threads: everything is guarded by the mutex of the row's table.

#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/label_page.hpp"
#include "core/memory.hpp"

namespace stele::core {

class series;

class series_list {
 public:
  template <class T>
  using list = vector<T, memory_part::open_series>;

  struct place {
    series* of;        // null: a hole
    std::byte* value;  // the cell of a row that is set, whose series has one alone; else null
  };
  /// A page, and whose labels stand on it.
  struct shelf {
    label_page_use page;
    list<place> places;  // as many as the page has series
    std::size_t used = 0;
    std::size_t stretches = 1;  // without a hole, when the last series ended
  };

  /// `dated`: whether the pages say when the series began.
  explicit series_list(bool dated) noexcept : dated_(dated) {}

  [[nodiscard]] list<shelf> const& shelves() const noexcept { return shelves_; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

  /// Makes room for one more, so that the next add() cannot fail. Throws std::bad_alloc.
  void reserve(std::size_t text_bytes);
  /// REQUIRES: reserve(labels.size()) was called since the last add().
  void add(place const& of, std::string_view labels, std::int64_t created) noexcept;

  template <class Visit>
  void for_each(Visit visit) const {
    for (shelf const& each : shelves_)
      for (place const& at : each.places)
        if (at.of != nullptr) visit(*at.of);
  }

  /// Takes out the series for which ends(series) is true; it may destroy them then. Returns how
  /// many they were.
  template <class Ends>
  std::size_t take_out(Ends ends) noexcept {
    std::size_t const before = size_;
    bool sparse = false;
    for (shelf& each : shelves_) {
      bool in_stretch = false;
      each.stretches = 0;
      for (place& at : each.places) {
        if (at.of != nullptr && ends(*at.of)) {
          at.of = nullptr;
          --each.used;
          --size_;
        }
        if (at.of != nullptr && !in_stretch) ++each.stretches;
        in_stretch = at.of != nullptr;
      }
      sparse = sparse || is_sparse(each);
    }
    if (sparse) close_ranks();
    return before - size_;
  }

 private:
  /// A snapshot has a run for each stretch: many small holes cost as much as few large ones.
  static bool is_sparse(shelf const& each) noexcept {
    return 2 * each.used < each.places.size() || each.stretches > 8 + each.used / 32;
  }
  void close_ranks() noexcept;
  shelf made_anew(shelf const& sparse) const;

  bool const dated_;
  std::size_t size_ = 0;
  list<shelf> shelves_;
};

}  // namespace stele::core
