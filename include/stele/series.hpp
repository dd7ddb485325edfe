// series.hpp: where one series' cell stands. Every instrument is written once, over one of these.
//
//   unlabelled<Row>    the row's only series, at a constant place of the slab
//   closed_series<Row> one of a row whose labels are all closed, beside its siblings
//   open_series<Row>   one of a row with an open label, in a block that each thread has of it
//
// update(f) calls f(cell) with the calling thread's cell (a gauge's: the process's):
//
//   unlabelled<row>().update([](std::byte* cell) { … });
//
// An f that may refuse its value returns whether the cell took it; the refusal is counted, and
// reported to the program's callback, when no lock is held any more.
//
// Threads: a value of these types is a handle: it may be copied, kept, and used from any thread.

#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <utility>

#include "exemplar.hpp"
#include "open_block.hpp"
#include "slab.hpp"

namespace stele {

namespace detail {

/// Calls f(cell), and returns whether the cell took the update.
template <class Update>
[[gnu::always_inline]] inline bool take(Update f, std::byte* cell) noexcept {
  if constexpr (std::is_void_v<decltype(f(cell))>) {
    f(cell);
    return true;
  } else {
    return f(cell);
  }
}

/// The same with a closed row's cell in a region; false too where there is no memory for the row's
/// page.
template <class Row, class Update>
[[gnu::always_inline]] inline bool update_cell(std::byte* region, std::size_t index,
                                               Update f) noexcept {
  std::byte* cells = region + layout_of<typename Row::table>.offsets[Row::index];
  if constexpr (on_own_page(Row::about)) {
    auto& page = *reinterpret_cast<core::page_pointer*>(cells);
    cells = page.load(std::memory_order_acquire);
    if (cells == nullptr) [[unlikely]] {
      cells = core::attach_page(Row::about, page);
      if (cells == nullptr) return false;
    }
  }
  return take(f, cells + index * cell_bytes(Row::about));
}

/// A cell of a slab, and whose it is.
struct slab_place {
  std::size_t offset;
  std::size_t row;
  std::size_t index;
};

/// What an update does that went the long way, once it holds no lock: refused ones are reported,
/// and of the others a sample may be taken where the thread has cells of its own.
template <class Table, class Update>
void finish_slow(slab_place at, Update f, bool taken, bool attached) noexcept {
  if (!taken) return core::refuse(link_of<Table>, at.row);
  if constexpr (requires { f.point(); })
    if (attached) core::sample_exemplar(link_of<Table>, at.row, at.index, f.point());
}

/// Once a table and a kind of update, not once a row: this is most of what one more call costs the
/// compiler.
template <class Table, class Update>
[[gnu::noinline, gnu::cold]] void update_slow(slab_place at, Update f) noexcept {
  std::byte* const slab = core::attach(link_of<Table>, thread_slab<Table>);
  bool const taken = slab != nullptr
                         ? take(f, slab + at.offset)
                         : take(f, core::retired_slab(link_of<Table>).base() + at.offset);
  finish_slow<Table>(at, f, taken, slab != nullptr);
}

template <class Row, class Update>
[[gnu::noinline, gnu::cold]] void update_paged_slow(std::size_t index, Update f) noexcept {
  using table = typename Row::table;
  std::byte* const slab = core::attach(link_of<table>, thread_slab<table>);
  bool const taken = slab != nullptr
                         ? update_cell<Row>(slab, index, f)
                         : update_cell<Row>(core::retired_slab(link_of<table>).base(), index, f);
  finish_slow<table>({0, Row::index, index}, f, taken, slab != nullptr);
}

/// `f` is trivially copyable and must not throw. Where an exemplar may be taken of it, f.point()
/// says for which bucket and value. Its type should not be the row's; see update_slow.
template <class Row, class Update>
[[gnu::always_inline]] inline void update_closed(std::size_t index, Update f) noexcept {
  using table = typename Row::table;
  bool taken = true;
  if constexpr (in_shared_block(Row::about))
    taken = update_cell<Row>(shared_block<table>(), index, f);
  else if (std::byte* slab = own_slab<table>()) [[likely]]
    taken = update_cell<Row>(slab, index, f);
  else if constexpr (on_own_page(Row::about))
    update_paged_slow<Row>(index, f);
  else
    update_slow<table>(
        {layout_of<table>.offsets[Row::index] + index * cell_bytes(Row::about), Row::index, index},
        f);
  if (!taken) [[unlikely]]
    core::refuse(link_of<table>, Row::index);
}

}  // namespace detail

template <class Row>
struct unlabelled {
  template <class Update>
  [[gnu::always_inline]] void update(Update f) const noexcept {
    if constexpr (!instruments_enabled) return;
    using table = typename Row::table;
    if constexpr (in_shared_block(Row::about) || on_own_page(Row::about)) {
      detail::update_closed<Row>(0, f);
    } else {  // as update_closed() does it; a function less a row is 0.6 ms less for the compiler
      constexpr std::size_t offset = layout_of<table>.offsets[Row::index];
      std::byte* const slab = thread_slab<table>.load(std::memory_order_relaxed);
      if (slab == nullptr) [[unlikely]]
        detail::update_slow<table>({offset, Row::index, 0}, f);
      else if (!detail::take(f, slab + offset)) [[unlikely]]
        core::refuse(link_of<table>, Row::index);
    }
  }
  /// See open_series: a closed series never ends.
  [[nodiscard]] unlabelled own() const noexcept { return *this; }
  template <class Update>
  void update_same(Update f) const noexcept {
    update(f);
  }
  void put_exemplar(core::exemplar_point at, exemplar_labels labels) const noexcept {
    if constexpr (!instruments_enabled) return;
    core::put_exemplar(link_of<typename Row::table>, Row::index, 0, at, labels);
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
  /// See open_series: a closed series never ends.
  [[nodiscard]] closed_series own() const noexcept { return *this; }
  template <class Update>
  void update_same(Update f) const noexcept {
    update(f);
  }
  void put_exemplar(core::exemplar_point at, exemplar_labels labels) const noexcept {
    if constexpr (!instruments_enabled) return;
    if (index != refused)
      core::put_exemplar(link_of<typename Row::table>, Row::index, index, at, labels);
  }
};

template <class Row>
class open_series {
 public:
  constexpr open_series() noexcept = default;
  explicit open_series(open_handle<typename Row::table> to) noexcept : handle(std::move(to)) {}

  open_handle<typename Row::table> handle;

  template <class Update>
  void update(Update f) const noexcept {
    if constexpr (!instruments_enabled) return;
    if (!handle.is_current()) [[unlikely]]
      update_slow(f);
    else if (!apply(*handle.made_with(), f)) [[unlikely]]
      refuse();
  }
  void put_exemplar(core::exemplar_point at, exemplar_labels labels) const noexcept {
    if constexpr (!instruments_enabled) return;
    auto const own = handle.own();
    if (own.made_with() != nullptr)
      core::put_exemplar(link_of<typename Row::table>, *own.made_with(), at, labels);
  }

  /// The same series as the calling thread finds it now. What is done to its cell by update_same()
  /// stays with it, also where the series ends meanwhile.
  [[nodiscard]] open_series own() const noexcept { return open_series(handle.own()); }
  template <class Update>
  void update_same(Update f) const noexcept {
    if constexpr (!instruments_enabled) return;
    if (handle.made_with() == nullptr || !apply(*handle.made_with(), f)) refuse();
  }

 private:
  template <class Update>
  static bool apply(core::open_block& block, Update f) noexcept {
    block.touched.store(core::gather_number.load(std::memory_order_relaxed),
                        std::memory_order_relaxed);
    return detail::take(f, block.cell);
  }

  static void refuse() noexcept { core::refuse(link_of<typename Row::table>, Row::index); }

  template <class Update>
  [[gnu::noinline, gnu::cold]] void update_slow(Update f) const noexcept {
    // Held until the end: user code that is called here may end the series.
    auto const own = handle.own();
    if (own.made_with() == nullptr || !apply(*own.made_with(), f)) return refuse();
    if constexpr (requires { f.point(); })
      core::sample_exemplar(link_of<typename Row::table>, *own.made_with(), f.point());
  }
};

}  // namespace stele
