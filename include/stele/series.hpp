// series.hpp: where one series' cell stands. Every instrument is written once, over one of these.
//
//   unlabelled<Row>    the row's only series, at a constant place of the slab
//   closed_series<Row> one of a row whose labels are all closed, beside its siblings
//   open_series<Row>   one of a row with an open label, in a block that each thread has of it
//
// update(f) calls f(cell) with the calling thread's cell (a gauge's: the process's). A value of
// these types is a handle: it may be copied, kept, and used from any thread.

#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>

#include "open_block.hpp"
#include "slab.hpp"

namespace stele {

namespace detail {

/// Calls f with a closed row's cell in a region; counts as refused where there is no memory for the
/// row's page.
template <class Row, class Update>
[[gnu::always_inline]] inline void update_cell(std::byte* region, std::size_t index,
                                               Update f) noexcept {
  std::byte* cells = region + layout_of<typename Row::table>.offsets[Row::index];
  if constexpr (on_own_page(Row::about)) {
    auto& page = *reinterpret_cast<core::page_pointer*>(cells);
    cells = page.load(std::memory_order_acquire);
    if (cells == nullptr) [[unlikely]] {
      cells = core::attach_page(Row::about, page);
      if (cells == nullptr) return core::refuse(link_of<typename Row::table>, Row::index);
    }
  }
  f(cells + index * cell_bytes(Row::about));
}

/// Calls access(slab) with the slab that this thread is given, or, without memory, the retired one.
template <class Table, class Access>
[[gnu::noinline, gnu::cold]] void on_new_slab(Access access) noexcept {
  if (std::byte* slab = core::attach(link_of<Table>, thread_slab<Table>)) {
    access(slab);
    return;
  }
  core::retired_slab retired(link_of<Table>);
  access(retired.base());
}

/// A cell of a slab. Not a lambda: its type is not the row's, so that on_new_slab, which is most of
/// what one more call on a table costs the compiler, is compiled once for all rows of a kind.
template <class Update>
struct at_offset {
  std::size_t offset;
  Update f;

  void operator()(std::byte* slab) const noexcept { f(slab + offset); }
};

/// `f` is trivially copyable and must not throw.
template <class Row, class Update>
[[gnu::always_inline]] inline void update_closed(std::size_t index, Update f) noexcept {
  using table = typename Row::table;
  std::size_t const offset = layout_of<table>.offsets[Row::index] + index * cell_bytes(Row::about);
  if constexpr (on_own_page(Row::about)) {
    auto const on_page = [index, f](std::byte* region) { update_cell<Row>(region, index, f); };
    if constexpr (in_shared_block(Row::about))
      on_page(shared_block<table>());
    else if (std::byte* slab = own_slab<table>()) [[likely]]
      on_page(slab);
    else
      on_new_slab<table>(on_page);
  } else if constexpr (in_shared_block(Row::about)) {
    f(shared_block<table>() + offset);
  } else if (std::byte* slab = own_slab<table>()) [[likely]] {
    f(slab + offset);
  } else {
    on_new_slab<table>(at_offset<Update>{offset, f});
  }
}

}  // namespace detail

template <class Row>
struct unlabelled {
  template <class Update>
  [[gnu::always_inline]] void update(Update f) const noexcept {
    if constexpr (!instruments_enabled) return;
    detail::update_closed<Row>(0, f);
  }
};

template <class Row>
struct closed_series {
  static constexpr std::size_t refused = std::numeric_limits<std::size_t>::max();
  std::size_t index;  // or `refused`

  template <class Update>
  [[gnu::always_inline]] void update(Update f) const noexcept {
    if constexpr (!instruments_enabled) return;
    if (index == refused) [[unlikely]]
      return core::refuse(link_of<typename Row::table>, Row::index);
    detail::update_closed<Row>(index, f);
  }
};

template <class Row>
struct open_series {
  open_handle<typename Row::table> handle;

  template <class Update>
  void update(Update f) const noexcept {
    if constexpr (!instruments_enabled) return;
    core::open_block* const block = handle.block();
    if (block == nullptr) [[unlikely]]
      return core::refuse(link_of<typename Row::table>, Row::index);
    block->touched.store(core::gather_number.load(std::memory_order_relaxed),
                         std::memory_order_relaxed);
    f(block->cell);
  }
};

}  // namespace stele
