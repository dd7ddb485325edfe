// slab.hpp: where each cell of a table stands, and how a thread finds its own.
//
// A table has two regions, whose layouts are compile-time constants:
//   * a slab a thread: the cells of all rows that count, written by that thread alone;
//   * one shared block a process: the gauges, each on a cache line of its own.
// A row with closed labels has its series side by side, or, where they are many, on a page of their
// own; a row with an open label has one word, at which the thread's own series are found.
//
// Threads: a thread attaches to a table at its first update and folds its slab at its end; both
// are done by the library (src/core). An attached thread's update touches nothing shared.
//
//   static_assert(stele::slab_bytes<coderd::table> <= 16 * 1024);

#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "api.hpp"
#include "cell.hpp"
#include "descriptor.hpp"
#include "sketch.hpp"
#include "stele/version.hpp"

namespace stele {

/// How many series a row has: a constant where its labels are closed, 1 where it has none.
/// REQUIRES: row.closed().
constexpr std::size_t closed_series_count(descriptor const& row) noexcept {
  std::size_t count = 1;
  for (auto const& label : row.labels) count *= label.values.size();
  return count;
}

/// Bytes of one series' cell, wherever it stands.
constexpr std::size_t cell_bytes(descriptor const& row) noexcept {
  switch (row.type) {
    case metric_type::counter: return sizeof(counter_cell<std::uint64_t>);
    case metric_type::gauge:
    case metric_type::info:
    case metric_type::stateset: return sizeof(gauge_cell<std::int64_t>);
    case metric_type::histogram: return histogram_cell::bytes(row.bounds.size(), row.native());
    case metric_type::summary: return sizeof(sketch);
    case metric_type::unknown: break;  // of no row
  }
  return 0;
}

/// Above it, the cells of a closed row are not part of its region.
inline constexpr std::size_t cells_in_region_max = 4096;

/// Whether a closed row's cells stand on a page of their own, which a thread (of a row that is set:
/// the process) gets at its first update of the row.
constexpr bool on_own_page(descriptor const& row) noexcept {
  return row.closed() && closed_series_count(row) * cell_bytes(row) > cells_in_region_max;
}

/// Whether a row's cells stand in the shared block instead of the threads' slabs.
constexpr bool in_shared_block(descriptor const& row) noexcept {
  return row.is_shared() && row.closed();
}

/// Bytes that a row takes of its region.
constexpr std::size_t row_bytes(descriptor const& row) noexcept {
  // In the shared block a whole line, so that the cells behind it stay on lines of their own.
  if (!row.closed() || on_own_page(row))
    return in_shared_block(row) ? cache_line_bytes : sizeof(void*);
  return closed_series_count(row) * cell_bytes(row);
}

/// Where the rows of a table stand.
template <std::size_t Rows>
struct slab_layout {
  std::array<std::uint32_t, Rows> offsets{};  // in the row's region
  std::uint32_t slab_bytes = 0;
  std::uint32_t shared_bytes = 0;

  constexpr explicit slab_layout(std::span<descriptor const* const, Rows> rows) noexcept {
    for (std::size_t i = 0; i < Rows; ++i) {
      std::uint32_t& end = in_shared_block(*rows[i]) ? shared_bytes : slab_bytes;
      offsets[i] = end;
      end += static_cast<std::uint32_t>(row_bytes(*rows[i]));
    }
  }
};

template <class Table>
inline constexpr slab_layout<std::size(Table::descriptors)> layout_of{
    std::span(Table::descriptors)};

/// Bytes of a thread's slab: what a thread that updates a table costs, beside its open series, its
/// pages, and what summaries and native histograms attach.
template <class Table>
inline constexpr std::size_t slab_bytes = layout_of<Table>.slab_bytes;

/// How many series of a row with an open label there are at most, unless the program says
/// otherwise.
inline constexpr std::size_t open_series_max = 10'000;

/// How many series, each a set of label values of a row, a table has at most: closed rows as they
/// are, open ones with their default bound.
template <class Table>
inline constexpr std::size_t series_max = [] {
  std::size_t count = 0;
  for (descriptor const* row : Table::descriptors)
    count += row->closed() ? closed_series_count(*row) : open_series_max;
  return count;
}();

namespace core {

/// What the library is told of a table. Constant; two objects of one process that were compiled
/// from the same table have equal ones.
struct table_info {
  std::string_view name;
  std::uint64_t content_hash = 0;
  /// The table's own; another one's where the loader took that.
  std::uint64_t const* linked_hash = nullptr;
  std::span<descriptor const* const> rows{};
  std::span<std::uint32_t const> offsets{};
  std::uint32_t slab_bytes = 0;
  std::uint32_t shared_bytes = 0;
};

class table_state;  // src/core/table_state.hpp

/// A shared object's way to the one state that its table has in the process.
struct table_link {
  table_info const* info;
  std::atomic<table_state*> state{nullptr};
  std::atomic<std::byte*> shared{nullptr};
  std::atomic<bool> pinned{false};
};

/// The state of a link's table, made at the first call. Any thread.
STELE_API table_state& state_of(table_link& link) noexcept;

/// The shared block of a link's table. Any thread.
STELE_API std::byte* attach_shared(table_link& link) noexcept;

/// A thread's own pointer to its slab. The thread reads it at every update; a gather may clear it,
/// which sends the thread's next update to attach() again, the long way.
using slab_pointer = std::atomic<std::byte*>;

/// This thread's slab, which is also stored to `cached` until the thread ends. Null where there is
/// no memory for one.
STELE_API std::byte* attach(table_link& link, slab_pointer& cached) noexcept;

/// Where the page of a closed row is found; see on_own_page().
using page_pointer = std::atomic<std::byte*>;

/// The page of a row, made where there is none yet. Null where there is no memory. Any thread.
STELE_API std::byte* attach_page(descriptor const& row, page_pointer& page) noexcept;

/// The table's retired cells, which hold what ended threads counted, locked for one update by a
/// thread that could not get a slab. Never destroyed.
class STELE_API retired_slab {
 public:
  explicit retired_slab(table_link& link) noexcept;
  ~retired_slab();
  retired_slab(retired_slab const&) = delete;
  retired_slab& operator=(retired_slab const&) = delete;
  [[nodiscard]] std::byte* base() const noexcept;

 private:
  table_state& state_;
};

/// Says that a row is in use, so that it is exposed from now on.
STELE_API bool expose_row(table_link& link, std::size_t row) noexcept;

/// Counts an update that was refused (a NaN, a negative increment, a value not in a closed set).
STELE_API void refuse(table_link& link, std::size_t row) noexcept;

/// What signal handlers write of a closed row: cells, one a series, that are added to with a lock
/// prefix, and how many additions were refused. A shared object has its own.
struct signal_part {
  void* cells;
  std::atomic<std::uint64_t> refused{0};
  signal_part* next = nullptr;  // of another shared object
};

/// Lists what is written from signal handlers. It must stay as long as the process. Once each.
STELE_API bool add_signal_part(table_link& link, std::size_t row, signal_part& part) noexcept;

/// How many updates of a row were refused since the start of the process.
STELE_API std::uint64_t refused_count(table_link& link, std::size_t row) noexcept;

}  // namespace core

/// `Version` makes the names of two versions' symbols differ: else the loader would take the first
/// for both, unseen by the check for two versions.
template <class Table, std::uint64_t Version = Table::content_hash>
inline constexpr core::table_info info_of{
    Table::name,
    Version,
    &Table::content_hash,
    Table::descriptors,
    layout_of<Table>.offsets,
    layout_of<Table>.slab_bytes,
    layout_of<Table>.shared_bytes,
};

template <class Table, std::uint64_t Version = Table::content_hash>
inline constinit core::table_link link_of{&info_of<Table, Version>};

/// This thread's slab of a table, or null before its first update and after its last. The
/// initial-exec model makes the access one load, in a shared object too.
template <class Table>
[[gnu::tls_model("initial-exec")]] inline constinit thread_local core::slab_pointer thread_slab{
    nullptr};

template <class Table>
[[gnu::always_inline]] inline std::byte* own_slab() noexcept {
  return thread_slab<Table>.load(std::memory_order_relaxed);
}

/// The shared block of a table.
template <class Table>
[[gnu::always_inline]] inline std::byte* shared_block() noexcept {
  if (std::byte* block = link_of<Table>.shared.load(std::memory_order_acquire)) [[likely]]
    return block;
  return core::attach_shared(link_of<Table>);
}

/// Its address is taken by every method of every instrument, so that a row is exposed as soon as
/// an object that has a call on it is loaded, at 0, before the call runs.
template <class Row, std::uint64_t Version = Row::table::content_hash>
struct registrar {
  static inline bool const exposed = core::expose_row(link_of<typename Row::table>, Row::index);
};

template <class Row>
[[gnu::always_inline]] inline void use_row() noexcept {
  if constexpr (instruments_enabled) static_cast<void>(&registrar<Row>::exposed);
}

}  // namespace stele
