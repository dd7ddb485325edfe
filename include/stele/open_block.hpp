// open_block.hpp: one thread's part of one series of a row with an open label, and the handle that
// an instrument keeps to it.
//
// Each thread finds its blocks by label values in a map of its own, so that finding one touches
// nothing shared. A handle counts for the block that it was made with, on whatever thread it ends:
// the owner counts its own handles without a lock prefix, all others share one atomic. A block that
// its thread has let go of (the series was removed, or the thread ended) is freed with its last
// handle.
//
//   open_handle<table> const handle(core::find_block(link, row, values, count,
//   thread_slab<table>)); if (handle.is_current()) write_to(handle.made_with()->cell);   // this
//   thread's own block
//
// Threads: a handle may be copied, used and destroyed on any thread; one object, as an int, by one
// thread at a time where it changes.

#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "label.hpp"
#include "slab.hpp"

namespace stele {

namespace core {

class series;          // src/core/open_row.hpp: what a row knows of one label set
class exemplar_table;  // src/core/exemplars.hpp
struct thread_row;     // the same: a thread's blocks of one row

/// Freed when the owner has let it go and no handle is left. Behind it stand the label values, and
/// then the cell.
struct alignas(cache_line_bytes) open_block {
  std::atomic<std::byte*> owner;  // the slab of its thread; no slab once that let it go
  std::byte* cell;                // of a row that is set: the one that all threads share
  series* of;                     // until it ended
  descriptor const* about;        // the row
  union {
    exemplar_table* exemplars;  // the series', from this thread's first on
    void* cell_page;            // of a row that is set, which has none: where its cell stands
  };
  // A handle may be made on one side and end on the other, so that each number drifts for ever;
  // their sum is the number of handles.
  std::int64_t own_handles;                 // the owner's: made less ended on its thread
  std::atomic<std::int64_t> other_handles;  // made less ended elsewhere; from letting go on, all
  std::atomic<std::uint32_t> touched;       // gather_number at its last update
  std::uint16_t row;                        // its place in the table
  std::atomic<bool> ended;                  // the series was removed: no write is exposed

  [[nodiscard]] std::byte* key() noexcept { return reinterpret_cast<std::byte*>(this + 1); }
  [[nodiscard]] std::byte const* key() const noexcept {
    return reinterpret_cast<std::byte const*>(this + 1);
  }
};

// The header of a block is one line; what is compared when it is found begins the next.
static_assert(sizeof(open_block) == cache_line_bytes);

/// How many gathers began; with it an update says when it happened, without a clock.
STELE_API extern std::atomic<std::uint32_t> gather_number;

/// The block for these label values among a thread's own, counted for one handle; null where it is
/// not among them. For up to known_labels_max labels: the loop over them is unrolled, since this is
/// what an update of an open row costs.
inline constexpr std::size_t known_labels_max = 8;
template <std::size_t Labels>
STELE_API open_block* known_block(thread_row const& mine,
                                  std::array<std::string_view, Labels> const& values) noexcept;

/// The calling thread's block for these label values, counted for one handle; the series and the
/// block are made where they are new. Null where there is no memory.
STELE_API open_block* find_block(table_link& link, std::size_t row, std::string_view const* values,
                                 std::size_t count, slab_pointer& cached_slab) noexcept;

/// The calling thread's block of the series that `any` was made for, counted for one handle. Null
/// where there is no memory.
STELE_API open_block* own_block(table_link& link, open_block const& any,
                                slab_pointer& cached_slab) noexcept;

/// Counts for handles that are not made, or do not end, on the owner's thread.
STELE_API void acquire_block(open_block& block) noexcept;
STELE_API void release_block(open_block& block) noexcept;

/// Ends the series of these label values; false where there is none.
STELE_API bool remove_series(table_link& link, std::size_t row, std::string_view const* values,
                             std::size_t count) noexcept;
/// Ends all series of a row, and returns how many they were.
STELE_API std::size_t clear_series(table_link& link, std::size_t row) noexcept;
STELE_API void set_series_max(table_link& link, std::size_t row, std::size_t count) noexcept;
/// 0 or less: never.
STELE_API void set_expiry(table_link& link, std::size_t row, std::int64_t nanoseconds) noexcept;

}  // namespace core

namespace detail {

/// The calling thread's block for these label values, counted for one handle. Null where a value
/// was refused, or there is no memory.
template <class Row, std::size_t Labels>
[[gnu::always_inline]] inline core::open_block* find_block(
    std::array<std::string_view, Labels> const& values) noexcept {
  using table = typename Row::table;
  if (any_refused<Row>(values)) [[unlikely]]
    return nullptr;
  if constexpr (Labels <= core::known_labels_max)
    if (std::byte* const slab = own_slab<table>()) [[likely]] {
      auto* const mine =
          *reinterpret_cast<core::thread_row* const*>(slab + layout_of<table>.offsets[Row::index]);
      if (mine != nullptr) [[likely]]
        if (auto* const known = core::known_block(*mine, values)) [[likely]]
          return known;
    }
  return core::find_block(link_of<table>, Row::index, values.data(), Labels, thread_slab<table>);
}

}  // namespace detail

template <class Table>
class open_handle {
 public:
  /// Of no series: updates through it are refused.
  constexpr open_handle() noexcept = default;
  /// Takes over the count of find_block().
  explicit open_handle(core::open_block* block) noexcept : block_(block) {}
  open_handle(open_handle const& other) noexcept : block_(other.block_) {
    if (block_ == nullptr) return;
    if (is_own())
      ++block_->own_handles;
    else
      core::acquire_block(*block_);
  }
  open_handle(open_handle&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  open_handle& operator=(open_handle other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }
  ~open_handle() {
    if (block_ == nullptr) return;
    if (is_own()) [[likely]]
      --block_->own_handles;
    else
      core::release_block(*block_);
  }

  /// Whether the block that it was made with is the calling thread's, and counts.
  [[nodiscard]] bool is_current() const noexcept {
    return block_ != nullptr && is_own() && !block_->ended.load(std::memory_order_relaxed);
  }

  /// A handle to the calling thread's block; of no series where there is no memory.
  [[nodiscard]] open_handle own() const noexcept {
    if (block_ == nullptr || is_current()) return *this;
    return open_handle(core::own_block(link_of<Table>, *block_, thread_slab<Table>));
  }

  /// The block that it was made with, of whichever thread; null where the values were refused.
  [[nodiscard]] core::open_block* made_with() const noexcept { return block_; }

 private:
  [[nodiscard]] bool is_own() const noexcept {
    return block_->owner.load(std::memory_order_relaxed) == own_slab<Table>();
  }

  core::open_block* block_ = nullptr;
};

}  // namespace stele
