#include "core/fork_copies.hpp"

#include <chrono>
#include <new>
#include <thread>
#include <utility>

#include "core/cells.hpp"
#include "core/histogram_reader.hpp"
#include "core/tables.hpp"
#include "core/thread.hpp"
#include "stele/sketch.hpp"

namespace stele::core {

namespace {

using clock = std::chrono::steady_clock;

/// Calls visit(cell, shadow) for each cell of a row that a thread other than the caller owns.
template <class Visit>
void for_each_cell_of_others(table_state& state, std::size_t index, Visit visit) noexcept {
  descriptor const& row = *state.info.rows[index];
  attachment const* const own = attachment_of_this_thread(state);
  if (state.rows[index].open != nullptr) {
    state.rows[index].open->all().for_each([&](series const& each) {
      each.for_each_block([&](open_block& block) {
        if (own == nullptr || block.owner.load(std::memory_order_relaxed) != own->slab.cells)
          visit(block.cell, block.cell + cell_bytes(row));
      });
    });
    return;
  }
  for (attachment const* each : state.live) {
    std::byte* const cells = cells_of(state.info, index, each->slab.cells);
    if (each == own || cells == nullptr) continue;
    std::byte* const shadows = shadows_of(state.info, index, each->slab);
    for (std::size_t i = 0; i < closed_series_count(row); ++i)
      visit(cells + i * cell_bytes(row), shadows + 2 * i * cell_bytes(row));
  }
}

/// Calls on_histogram(row, cell, shadow) and on_sketch(sketch) for what other threads observe.
template <class OnHistogram, class OnSketch>
void for_each_of_others(OnHistogram on_histogram, OnSketch on_sketch) noexcept {
  for (table_state* state : all_tables().all)
    for (std::size_t i = 0; i < state->rows.size(); ++i) {
      descriptor const& row = *state->info.rows[i];
      if (row.type == metric_type::histogram)
        for_each_cell_of_others(*state, i, [&](std::byte* cell, std::byte* shadow) {
          on_histogram(row, *reinterpret_cast<histogram_cell*>(cell), shadow);
        });
      else if (row.type == metric_type::summary)
        for_each_cell_of_others(*state, i, [&](std::byte* cell, std::byte*) {
          on_sketch(*reinterpret_cast<sketch*>(cell));
        });
    }
}

/// Copies what the owner is not in the middle of.
class copier {
 public:
  bool refresh(descriptor const& row, histogram_cell& cell, std::byte* shadow) noexcept try {
    if (row_ != &row) reader_.start(row);
    row_ = &row;
    return reader_.refresh(reinterpret_cast<std::byte*>(&cell), shadow);
  } catch (std::bad_alloc const&) {
    row_ = nullptr;
    return true;  // an earlier copy must do
  }
  /// Whether it is still as the copy before.
  static bool refresh(sketch& part) noexcept {
    std::uint64_t const before = part.last_read().count;
    return part.try_refresh() && part.last_read().count == before;
  }

 private:
  histogram_reader reader_;
  descriptor const* row_ = nullptr;
};

template <class Safe>
void wait_until(clock::time_point deadline, Safe safe) noexcept {
  constexpr int spins = 1000;
  for (int i = 0; !safe(); ++i) {
    if (i < spins) continue;
    if (clock::now() >= deadline) return;
    std::this_thread::sleep_for(std::chrono::microseconds(50));  // its processor may be this one
  }
}

}  // namespace

void begin_fork_copies() noexcept {
  bool any = false;
  for_each_of_others(
      [&](descriptor const& row, histogram_cell& cell, std::byte* shadow) {
        any = true;
        cell.begin_copies(owners_copy(row, shadow));
      },
      [&](sketch& part) {
        any = true;
        part.begin_copies();
        copier::refresh(part);
      });
  if (!any) return;
  auto const deadline = clock::now() + std::chrono::milliseconds(50);
  std::this_thread::sleep_for(std::chrono::microseconds(20));  // who is busy shows by it
  copier copies;
  for_each_of_others(
      [&](descriptor const& row, histogram_cell& cell, std::byte* shadow) {
        wait_until(deadline,
                   [&] { return copies.refresh(row, cell, shadow) || cell.has_copies(); });
      },
      [&](sketch& part) {
        wait_until(deadline, [&] { return part.has_copies() || copier::refresh(part); });
      });
}

void end_fork_copies() noexcept {
  for_each_of_others([](descriptor const&, histogram_cell& cell, std::byte*) { cell.end_copies(); },
                     [](sketch& part) { part.end_copies(); });
}

}  // namespace stele::core
