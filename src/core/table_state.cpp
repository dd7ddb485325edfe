#include "core/table_state.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <utility>

#include "core/cells.hpp"
#include "core/label_text.hpp"
#include "core/tables.hpp"

namespace stele::core {

table_state::table_state(table_info const& table)
    : info(table),
      shared(make_shared_block(table)),
      retired(make_slab(table)),
      rows(table.rows.size()),
      newest_(std::allocate_shared<grave>(allocator<grave>())) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    descriptor const& row = *table.rows[i];
    if (row.closed()) {
      rows[i].closed_labels = closed_label_texts(row);
      rows[i].floor.assign(rows[i].closed_labels.size(), 0);
    } else {
      rows[i].open.reset(make<open_row>(row, i));
    }
  }
}

std::byte* table_state::new_slab() noexcept try {
  std::lock_guard const lock(mutex);
  reserve_one(live);
  return live.emplace_back(make_slab(info)).cells;
} catch (std::bad_alloc const&) {
  return nullptr;
}

bool table_state::list_pointer(std::byte* slab, slab_pointer& cached) noexcept try {
  std::lock_guard const lock(mutex);
  auto const found = std::find_if(live.begin(), live.end(),
                                  [&](slab_memory const& each) { return each.cells == slab; });
  if (std::find(found->cached.begin(), found->cached.end(), &cached) == found->cached.end())
    found->cached.push_back(&cached);
  return true;
} catch (std::bad_alloc const&) {
  return false;
}

namespace {

/// Folds all of a thread's blocks of an open row. Null is allowed.
void fold_thread_row(thread_row* ended) noexcept {
  if (ended == nullptr) return;
  ended->blocks.for_each([](open_block& block) {
    if (!block.ended.load(std::memory_order_relaxed)) block.of->fold(block);
    let_go(block);
  });
  destroy(ended);
}

}  // namespace

void table_state::fold(std::byte* cells) noexcept {
  std::lock_guard const lock(mutex);
  auto const found = std::find_if(live.begin(), live.end(),
                                  [&](slab_memory const& each) { return each.cells == cells; });
  if (found == live.end()) return;
  for (slab_pointer* pointer : found->cached) pointer->store(nullptr, std::memory_order_relaxed);
  fold(*found);
  live.erase(found);
}

void table_state::fold(slab_memory const& slab) noexcept {
  for (std::size_t i = 0; i < info.rows.size(); ++i) {
    descriptor const& row = *info.rows[i];
    if (!row.closed())
      fold_thread_row(*reinterpret_cast<thread_row**>(slab.cells + info.offsets[i]));
    else if (!in_shared_block(row))
      fold_closed(info, i, slab, retired);
  }
  std::free(slab.cells);
  std::free(slab.shadow);
}

void table_state::keep_only(std::byte* cells) noexcept {
  std::erase_if(live, [&](slab_memory const& slab) {
    if (slab.cells == cells) return false;
    fold(slab);
    return true;
  });
}

void table_state::repair_exemplars() noexcept {
  for (row_state& row : rows) {
    if (exemplar_table* const all = row.exemplars.load(std::memory_order_acquire)) all->repair();
    if (row.open == nullptr) continue;
    for (series* each : row.open->all())
      if (each->exemplars() != nullptr) each->exemplars()->repair();
  }
}

bool table_state::begin_feed(feeder who) noexcept {
  unsigned const bit = 1U << static_cast<unsigned>(who);
  bool const first = (fed_ & bit) == 0;
  fed_ |= bit;
  return first;
}

void table_state::start_from_zero() noexcept {
  std::lock_guard const lock(mutex);
  for (std::size_t i = 0; i < info.rows.size(); ++i) {
    descriptor const& row = *info.rows[i];
    rows[i].refused.store(0, std::memory_order_relaxed);
    // These say what is so, which a fork does not change; they never counted anything.
    if (row.type == metric_type::info || row.type == metric_type::stateset) continue;
    if (rows[i].open != nullptr) {
      rows[i].open->over.store(0, std::memory_order_relaxed);
      end_series(*rows[i].open, [](series const&) { return true; });
      continue;
    }
    if (exemplar_table* const all = rows[i].exemplars.load(std::memory_order_acquire)) all->clear();
    std::fill(rows[i].floor.begin(), rows[i].floor.end(), 0);
    for (counter_memory const& cells : rows[i].signal_cells)
      std::memset(cells.memory, 0, cells.bytes);
    if (in_shared_block(row)) {
      clear_closed(info, i, {shared, nullptr, {}});
    } else {
      for (slab_memory const& slab : live) clear_closed(info, i, slab);
      clear_closed(info, i, retired);
    }
  }
}

exemplar_table* table_state::exemplars_of(std::size_t row) noexcept {
  std::atomic<exemplar_table*>& pointer = rows[row].exemplars;
  exemplar_table* present = pointer.load(std::memory_order_acquire);
  if (present != nullptr) return present;
  descriptor const& about = *info.rows[row];
  exemplar_table* const made =
      exemplar_table::make(closed_series_count(about) * exemplar_places(about));
  if (made == nullptr) return nullptr;
  if (pointer.compare_exchange_strong(present, made, std::memory_order_acq_rel)) return made;
  made->drop_use();
  return present;
}

exemplar_table* table_state::exemplars_of(open_block& block) noexcept {
  if (block.exemplars != nullptr) return block.exemplars;
  std::lock_guard const lock(mutex);
  return block.ended.load(std::memory_order_relaxed) ? nullptr : block.of->exemplars_for(block);
}

void table_state::ask_for_samples() noexcept {
  samples_asked.fetch_add(1, std::memory_order_relaxed);
  for (slab_memory const& slab : live)
    for (slab_pointer* pointer : slab.cached) pointer->store(nullptr, std::memory_order_relaxed);
}

void table_state::expire(open_row& row, std::int64_t now) noexcept {
  if (row.expiry == 0) return;
  end_series(row, [&](series& each) {
    if (each.touched_since(gathered)) each.last_seen = now;
    return now - each.last_seen >= row.expiry;
  });
}

void table_state::make_room(open_row& row, std::int64_t now) noexcept {
  if (row.expiry == 0 || now - row.room_made < row.expiry / 8) return;
  row.room_made = now;
  expire(row, now);
}

void table_state::bury(open_row::ended_series ended) noexcept try {
  newest_->ended.push_back(std::move(ended));
} catch (std::bad_alloc const&) {
  static_cast<void>(ended.release());  // lost, rather than freed under a reader
}

void table_state::close_grave() noexcept try {
  newest_->next = std::allocate_shared<grave>(allocator<grave>());
  newest_ =
      newest_->next;  // the last user of the one before frees what is in it: here, if no other
} catch (std::bad_alloc const&) {
  // Later snapshots keep what they do not need.
}

std::byte* attach_shared(table_link& link) noexcept {
  std::byte* const block = state_of(link).shared;
  link.shared.store(block, std::memory_order_release);
  return block;
}

retired_slab::retired_slab(table_link& link) noexcept : state_(state_of(link)) {
  state_.mutex.lock();
}

retired_slab::~retired_slab() { state_.mutex.unlock(); }

std::byte* retired_slab::base() const noexcept { return state_.retired.cells; }

bool expose_row(table_link& link, std::size_t row) noexcept {
  pin_object_of(link);
  state_of(link).rows[row].exposed.store(true, std::memory_order_release);
  return true;
}

bool add_signal_cells(table_link& link, std::size_t row, void* cells) noexcept try {
  pin_object_of(link);
  table_state& state = state_of(link);
  std::lock_guard const lock(state.mutex);
  descriptor const& about = *link.info->rows[row];
  state.rows[row].signal_cells.push_back(
      {static_cast<std::byte*>(cells), closed_series_count(about) * cell_bytes(about)});
  return true;
} catch (std::bad_alloc const&) {
  return false;
}

void refuse(table_link& link, std::size_t row) noexcept {
  row_state& known = state_of(link).rows[row];
  std::uint64_t const refused = known.refused.fetch_add(1, std::memory_order_relaxed) + 1;
  report_refused(known.reports, diagnostic::kind::refused, link.info->rows[row]->name,
                 "an update was refused: a number that the row cannot have (a NaN, an infinity, a "
                 "negative increment), or a label value that is not in its closed set",
                 refused);
}

std::uint64_t refused_count(table_link& link, std::size_t row) noexcept {
  return state_of(link).rows[row].refused.load(std::memory_order_relaxed);
}

}  // namespace stele::core
