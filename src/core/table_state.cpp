#include "core/table_state.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <new>
#include <utility>

#include "core/cells.hpp"
#include "core/label_text.hpp"
#include "core/one_copy.hpp"

namespace stele::core {

namespace {

std::byte* allocate(std::size_t bytes) {
  if (std::byte* const memory = allocate_lines(bytes)) return memory;
  throw std::bad_alloc();
}

/// The cells of a closed row, and what a gather keeps beside each.
void construct_closed(descriptor const& row, std::byte* cells, std::byte* shadows) {
  std::size_t const count = closed_series_count(row);
  construct_cells(row, count, cells);
  for (std::size_t i = 0; i < count; ++i) construct_shadow(row, shadows + 2 * i * cell_bytes(row));
}

/// A region's memory, zeroed: an open row's word is null, and so is that of a page.
std::byte* make_shared_block(table_info const& table) {
  std::byte* const block = allocate(table.shared_bytes);
  for (std::size_t i = 0; i < table.rows.size(); ++i)
    if (in_shared_block(*table.rows[i]) && !on_own_page(*table.rows[i]))
      construct_cells(*table.rows[i], closed_series_count(*table.rows[i]),
                      block + table.offsets[i]);
  return block;
}

slab_memory make_slab(table_info const& table) {
  slab_memory slab{allocate(table.slab_bytes), nullptr, {}};
  slab.shadow = allocate_lines(2 * std::size_t{table.slab_bytes});
  if (slab.shadow == nullptr) {
    std::free(slab.cells);
    throw std::bad_alloc();
  }
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    descriptor const& row = *table.rows[i];
    if (row.closed() && !in_shared_block(row) && !on_own_page(row))
      construct_closed(row, slab.cells + table.offsets[i],
                       slab.shadow + 2 * std::size_t{table.offsets[i]});
  }
  return slab;
}

page_pointer& page_of(table_info const& table, std::size_t row, std::byte* region) noexcept {
  return *reinterpret_cast<page_pointer*>(region + table.offsets[row]);
}

}  // namespace

std::byte* attach_page(descriptor const& row, page_pointer& page) noexcept {
  std::size_t const bytes = closed_series_count(row) * cell_bytes(row);
  std::byte* const made = allocate_lines(in_shared_block(row) ? bytes : 3 * bytes);
  if (made == nullptr) return nullptr;
  if (in_shared_block(row))
    construct_cells(row, closed_series_count(row), made);
  else
    construct_closed(row, made, made + bytes);
  std::byte* there = nullptr;
  if (page.compare_exchange_strong(there, made, std::memory_order_acq_rel)) return made;
  std::free(made);  // another thread was faster; only in the shared block
  return there;
}

std::byte* cells_of(table_info const& table, std::size_t row, std::byte* region) noexcept {
  if (!on_own_page(*table.rows[row])) return region + table.offsets[row];
  return page_of(table, row, region).load(std::memory_order_acquire);
}

std::byte* shadows_of(table_info const& table, std::size_t row, slab_memory const& slab) noexcept {
  descriptor const& about = *table.rows[row];
  if (!on_own_page(about)) return slab.shadow + 2 * std::size_t{table.offsets[row]};
  std::byte* const page = page_of(table, row, slab.cells).load(std::memory_order_acquire);
  return page + closed_series_count(about) * cell_bytes(about);
}

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
  live.reserve(live.size() + 1);
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

void fold_closed(table_info const& table, std::size_t index, slab_memory const& slab,
                 std::byte* retired) {
  descriptor const& row = *table.rows[index];
  std::byte* const from = cells_of(table, index, slab.cells);
  if (from == nullptr) return;
  std::byte* into = cells_of(table, index, retired);
  if (into == nullptr) {  // the page itself becomes the retired one
    page_of(table, index, retired).store(from, std::memory_order_release);
    return;
  }
  std::byte* const shadows = shadows_of(table, index, slab);
  for (std::size_t i = 0; i < closed_series_count(row); ++i) {
    std::size_t const at = i * cell_bytes(row);
    fold_cell(row, from + at, shadows + 2 * at, into + at);
  }
  if (on_own_page(row)) std::free(from);
}

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

void table_state::fold(std::byte* slab) noexcept {
  std::lock_guard const lock(mutex);
  auto const found = std::find_if(live.begin(), live.end(),
                                  [&](slab_memory const& each) { return each.cells == slab; });
  if (found == live.end()) return;
  for (slab_pointer* pointer : found->cached) pointer->store(nullptr, std::memory_order_relaxed);
  for (std::size_t i = 0; i < info.rows.size(); ++i) {
    descriptor const& row = *info.rows[i];
    if (!row.closed())
      fold_thread_row(*reinterpret_cast<thread_row**>(slab + info.offsets[i]));
    else if (!in_shared_block(row))
      fold_closed(info, i, *found, retired.cells);
  }
  std::free(found->cells);
  std::free(found->shadow);
  live.erase(found);
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

void table_state::bury(open_row::ended_series ended) noexcept try {
  if (newest_.use_count() == 1) return;  // no snapshot can refer to it
  newest_->ended.push_back(std::move(ended));
} catch (std::bad_alloc const&) {
  static_cast<void>(ended.release());  // lost, rather than freed under a reader
}

std::shared_ptr<grave> table_state::newest_grave() {
  if (!newest_->ended.empty()) {
    newest_->next = std::allocate_shared<grave>(allocator<grave>());
    newest_ = newest_->next;
  }
  return newest_;
}

namespace {

[[noreturn]] void refuse_two_versions(std::string_view table, std::uint64_t first,
                                      std::uint64_t second) noexcept {
  std::fprintf(stderr,
               "stele: error: expected one version of the metric table '%.*s' in a process, saw "
               "two (content hashes %016llx and %016llx): build every library of this program "
               "with the same generated header and the same Stele\n",
               static_cast<int>(table.size()), table.data(), static_cast<unsigned long long>(first),
               static_cast<unsigned long long>(second));
  std::abort();
}

bool same_layout(table_info const& a, table_info const& b) noexcept {
  return a.content_hash == b.content_hash && a.slab_bytes == b.slab_bytes &&
         a.shared_bytes == b.shared_bytes;
}

/// There before the first static constructor counts, and after the last destructor.
struct tables {
  std::mutex mutex;
  vector<table_state*> all;
};
constinit immortal<tables> the_tables;

}  // namespace

void ask_all_threads_for_samples() noexcept {
  std::lock_guard const lock(the_tables.value.mutex);
  for (table_state* state : the_tables.value.all) {
    std::lock_guard const lock_table(state->mutex);
    state->ask_for_samples();
  }
}

table_state& find_or_make_table(table_info const& table) noexcept {
  require_one_copy();
  // Where symbols are visible the loader may have given this object the constants of another
  // version, which do not go together with its own.
  if (*table.linked_hash != table.content_hash)
    refuse_two_versions(table.name, *table.linked_hash, table.content_hash);
  std::lock_guard const lock(the_tables.value.mutex);
  for (table_state* state : the_tables.value.all) {
    if (state->info.name != table.name) continue;
    if (same_layout(state->info, table)) return *state;
    refuse_two_versions(table.name, state->info.content_hash, table.content_hash);
  }
  return *the_tables.value.all.emplace_back(make<table_state>(table));
}

void pin_object_of(table_link& link) noexcept {
  if (link.pinned.exchange(true)) return;
  Dl_info object{};
  if (::dladdr(&link, &object) == 0 || object.dli_fname == nullptr) return;
  // Null for the program itself, which is never unloaded. The handle is kept on purpose.
  static_cast<void>(::dlopen(object.dli_fname, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE));
}

table_state& state_of(table_link& link) noexcept {
  if (table_state* state = link.state.load(std::memory_order_acquire)) return *state;
  table_state& state = find_or_make_table(*link.info);
  link.state.store(&state, std::memory_order_release);
  return state;
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
