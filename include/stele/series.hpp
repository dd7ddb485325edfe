// series.hpp: where one series' cell stands. Every instrument is written once, over one of these.
//
//   unlabelled<Row>    the row's only series, at a constant place of the slab
//   closed_series<Row> one of a row whose labels are all closed, beside its siblings
//   open_series<Row>   one of a row with an open label, in memory of its own
//
// update(f) calls f(cell) with the calling thread's cell (a gauge's: the process's). A value of
// these types is a handle: it may be copied, kept, and used from any thread.

#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <new>
#include <string_view>

#include "label.hpp"
#include "slab.hpp"

namespace stele {

namespace core {

class series;  // src/core/series.hpp: what a row knows of one label set

/// The series of a row for these label values, which is made when it is new. Any thread. Null if
/// a value was refused (a null data pointer).
STELE_API series* find_series(table_link& link, std::size_t row, std::string_view const* values,
                              std::size_t count) noexcept;

/// The calling thread's cell of a series (a gauge's: the shared one), which is made when it is
/// new. Null where there is no memory for one.
STELE_API std::byte* series_cell(table_link& link, series& which, std::byte*& cached_slab) noexcept;

/// The cell of a series that holds what ended threads counted; see retired_slab.
STELE_API std::byte* retired_cell(series& which) noexcept;

}  // namespace core

template <class Row>
struct unlabelled {
  static constexpr std::size_t offset = layout_of<typename Row::table>.offsets[Row::index];

  template <class Update>
  [[gnu::always_inline]] void update(Update f) const noexcept {
    if constexpr (!instruments_enabled) return;
    if constexpr (in_shared_block(Row::about))
      f(shared_block<typename Row::table>() + offset);
    else
      on_slab<typename Row::table>(offset, f);
  }
};

template <class Row>
struct closed_series {
  static constexpr std::size_t refused = std::numeric_limits<std::size_t>::max();
  std::size_t index;  // or `refused`

  template <class Update>
  [[gnu::always_inline]] void update(Update f) const noexcept {
    if constexpr (!instruments_enabled) return;
    if (index == refused) [[unlikely]] {
      core::refuse(link_of<typename Row::table>, Row::index);
      return;
    }
    std::size_t const offset = unlabelled<Row>::offset + index * cell_bytes(Row::about);
    if constexpr (in_shared_block(Row::about))
      f(shared_block<typename Row::table>() + offset);
    else
      on_slab<typename Row::table>(offset, f);
  }
};

template <class Row>
struct open_series {
  core::series* which;  // null where a label value was refused

  template <class Update>
  void update(Update f) const noexcept {
    if constexpr (!instruments_enabled) return;
    using table = typename Row::table;
    if (which == nullptr) [[unlikely]] {
      core::refuse(link_of<table>, Row::index);
      return;
    }
    if (std::byte* cell = core::series_cell(link_of<table>, *which, thread_slab<table>))
        [[likely]] {
      f(cell);
      return;
    }
    core::retired_slab const locked(link_of<table>);
    f(core::retired_cell(*which));
  }
};

}  // namespace stele
