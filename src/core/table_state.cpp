#include "core/table_state.hpp"

#include <algorithm>
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
      retired(make_slab(table, memory_part::tables)),
      rows(table.rows.size()) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    descriptor const& row = *table.rows[i];
    if (row.closed()) {
      rows[i].closed_labels = closed_label_page(row);
      rows[i].floor.assign(closed_series_count(row), 0);
    } else {
      rows[i].open.reset(make<open_row>(row, i));
    }
  }
}

void row_state::begin_now(descriptor const& row) noexcept {
  if (!row.has_begin()) return;
  std::fill_n(closed_labels->created(), closed_series_count(row), unix_milliseconds());
}

attachment::attachment(table_state& table)
    : state(table), slab(make_slab(table.info, memory_part::slabs)) {}

attachment::~attachment() { free_slab(state.info, slab); }

attachment* table_state::attach_thread() noexcept try {
  std::unique_ptr<attachment, destroyer<memory_part::slabs>> made(
      make<attachment, memory_part::slabs>(*this));
  std::lock_guard const lock(mutex);
  reserve_one(live);
  live.push_back(made.get());
  made->life.begin();
  return made.release();
} catch (std::bad_alloc const&) {
  return nullptr;
}

bool table_state::list_pointer(attachment& to, slab_pointer& cached) noexcept try {
  // Its thread alone adds to them. An update that goes the long way does not wait for a gather.
  if (std::find(to.cached.begin(), to.cached.end(), &cached) != to.cached.end()) return true;
  std::lock_guard const lock(mutex);
  to.cached.push_back(&cached);
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
  destroy<memory_part::thread_maps>(ended);
}

}  // namespace

void table_state::fold(attachment& own) noexcept {
  std::lock_guard const lock(mutex);
  for (slab_pointer* pointer : own.cached) pointer->store(nullptr, std::memory_order_relaxed);
  fold_cells(own.slab);
  own.life.end();
  live.erase(std::find(live.begin(), live.end(), &own));
  destroy<memory_part::slabs>(&own);
}

void table_state::fold_ended() noexcept {
  std::erase_if(live, [&](attachment* each) {
    if (!each->life.ended()) return false;
    fold_cells(each->slab);
    destroy<memory_part::slabs>(each);
    return true;
  });
}

void table_state::keep_only(attachment* own) noexcept {
  std::erase_if(live, [&](attachment* each) {
    if (each == own) return false;
    fold_cells(each->slab);
    destroy<memory_part::slabs>(each);
    return true;
  });
  if (own != nullptr) own->life.begin();
}

void table_state::fold_cells(slab_memory const& slab) noexcept {
  for (std::size_t i = 0; i < info.rows.size(); ++i) {
    descriptor const& row = *info.rows[i];
    if (!row.closed())
      fold_thread_row(*reinterpret_cast<thread_row**>(slab.cells + info.offsets[i]));
    else if (!in_shared_block(row))
      fold_closed(info, i, slab, retired);
  }
}

void table_state::repair_exemplars() noexcept {
  for (row_state& row : rows) {
    if (exemplar_table* const all = row.exemplars.load(std::memory_order_acquire)) all->repair();
    if (row.open == nullptr) continue;
    row.open->all().for_each([](series& each) {
      if (each.exemplars() != nullptr) each.exemplars()->repair();
    });
  }
}

void table_state::start_from_zero() noexcept {
  std::lock_guard const lock(mutex);
  for (std::size_t i = 0; i < info.rows.size(); ++i) {
    descriptor const& row = *info.rows[i];
    rows[i].refused.store(0, std::memory_order_relaxed);
    // These say what is so, which a fork does not change; they never counted anything.
    if (row.type == metric_type::info || row.type == metric_type::stateset) continue;
    if (rows[i].open != nullptr) {
      rows[i].open->overflows.store(0, std::memory_order_relaxed);
      rows[i].open->end_if([](series const&) { return true; });
      continue;
    }
    rows[i].begin_now(row);
    if (exemplar_table* const all = rows[i].exemplars.load(std::memory_order_acquire)) all->clear();
    std::fill(rows[i].floor.begin(), rows[i].floor.end(), 0);
    rows[i].for_each_signal_part([&](signal_part& part) {
      std::memset(part.cells, 0, closed_series_count(row) * cell_bytes(row));
      part.refused = 0;
    });
    if (in_shared_block(row)) {
      clear_closed(info, i, {shared, nullptr});
    } else {
      for (attachment const* each : live) clear_closed(info, i, each->slab);
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
  // The pointers of a thread that is gone are gone. (One that counted for the first time in the
  // last round of its end, and ends between this look and the write, is the one that is not seen.)
  fold_ended();
  for (attachment const* each : live)
    for (slab_pointer* pointer : each->cached) pointer->store(nullptr, std::memory_order_relaxed);
}

void table_state::call_summary_owners() noexcept {
  auto const call = [](std::byte* cell) { reinterpret_cast<sketch*>(cell)->call_owner(); };
  for (std::size_t i = 0; i < info.rows.size(); ++i) {
    descriptor const& row = *info.rows[i];
    if (row.type != metric_type::summary) continue;
    if (rows[i].open != nullptr) {
      rows[i].open->all().for_each([&](series const& each) {
        each.for_each_cell([&](series::thread_cell cell) { call(cell.cell); });
      });
      continue;
    }
    for (attachment const* each : live)
      if (std::byte* const cells = cells_of(info, i, each->slab.cells))
        for (std::size_t j = 0; j < closed_series_count(row); ++j)
          call(cells + j * cell_bytes(row));
  }
}

void table_state::expire(open_row& row, std::int64_t now) noexcept {
  if (row.expiry == 0) return;
  row.end_if([&](series& each) {
    if (each.touched_since(gathered)) each.last_seen = now;
    return now - each.last_seen >= row.expiry;
  });
}

void table_state::make_room(open_row& row, std::int64_t now) noexcept {
  if (row.expiry == 0 || now - row.room_made < row.expiry / 8) return;
  row.room_made = now;
  expire(row, now);
}

void table_state::expose(std::size_t row) noexcept {
  std::lock_guard const lock(mutex);
  row_state& known = rows[row];
  if (known.exposed.load(std::memory_order_relaxed)) return;
  if (known.open == nullptr) known.begin_now(*info.rows[row]);
  known.exposed.store(true, std::memory_order_release);
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
  state_of(link).expose(row);
  return true;
}

bool add_signal_part(table_link& link, std::size_t row, signal_part& part) noexcept {
  pin_object_of(link);
  std::atomic<signal_part*>& first = state_of(link).rows[row].signals;
  part.next = first.load(std::memory_order_relaxed);
  while (!first.compare_exchange_weak(part.next, &part, std::memory_order_release)) {
  }
  return true;
}

void refuse(table_link& link, std::size_t row) noexcept {
  refuse(link, row,
         "an update was refused: a number that the row cannot have (a NaN, an infinity, a negative "
         "increment), a label value that is not in its closed set, or no memory to count it in");
}

void refuse(table_link& link, std::size_t row, std::string_view what) noexcept {
  row_state& known = state_of(link).rows[row];
  std::uint64_t const refused = known.refused.fetch_add(1, std::memory_order_relaxed) + 1;
  report_refused(known.reports, diagnostic::kind::refused, link.info->rows[row]->name, what, {},
                 refused);
}

std::uint64_t refused_count(table_link& link, std::size_t row) noexcept {
  return state_of(link).rows[row].refused_updates();
}

}  // namespace stele::core
