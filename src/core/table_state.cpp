#include "core/table_state.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>

#include "core/cells.hpp"
#include "core/label_text.hpp"

namespace stele::core {

namespace {

std::byte* allocate(std::size_t bytes) {
  return static_cast<std::byte*>(
      ::operator new(std::max<std::size_t>(bytes, 1), std::align_val_t{cache_line_bytes}));
}

void release(std::byte* memory) noexcept {
  ::operator delete(memory, std::align_val_t{cache_line_bytes});
}

std::byte* make_shared_block(table_info const& table) {
  std::byte* block = allocate(table.shared_bytes);
  for (std::size_t i = 0; i < table.rows.size(); ++i)
    if (in_shared_block(*table.rows[i]))
      construct_cells(*table.rows[i], closed_series_count(*table.rows[i]),
                      block + table.offsets[i]);
  return block;
}

void construct_closed(descriptor const& row, std::byte* cells, std::byte* shadows) {
  std::size_t const count = closed_series_count(row);
  construct_cells(row, count, cells);
  for (std::size_t i = 0; i < count; ++i) construct_shadow(row, shadows + 2 * i * cell_bytes(row));
}

slab_memory make_slab(table_info const& table) {
  slab_memory slab{allocate(table.slab_bytes), nullptr};
  try {
    slab.shadow = allocate(2 * std::size_t{table.slab_bytes});
  } catch (...) {
    release(slab.cells);
    throw;
  }
  std::memset(slab.shadow, 0, 2 * std::size_t{table.slab_bytes});
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    descriptor const& row = *table.rows[i];
    std::byte* const at = slab.cells + table.offsets[i];
    if (!row.closed())
      new (at) thread_series*(nullptr);
    else if (!in_shared_block(row))
      construct_closed(row, at, slab.shadow + 2 * std::size_t{table.offsets[i]});
  }
  return slab;
}

}  // namespace

table_state::table_state(table_info const& table)
    : info(table),
      shared(make_shared_block(table)),
      retired(make_slab(table)),
      rows(table.rows.size()) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    descriptor const& row = *table.rows[i];
    if (row.closed()) {
      rows[i].closed_labels = closed_label_texts(row);
      rows[i].floor.assign(rows[i].closed_labels.size(), 0);
    } else {
      rows[i].open = std::make_unique<open_row>(row);
    }
  }
}

std::byte* table_state::new_slab() noexcept try {
  slab_memory const slab = make_slab(info);
  std::lock_guard const lock(mutex);
  live.push_back(slab);
  return slab.cells;
} catch (std::bad_alloc const&) {
  return nullptr;
}

void table_state::fold(std::byte* slab) noexcept {
  std::lock_guard const lock(mutex);
  auto const found = std::find_if(live.begin(), live.end(),
                                  [&](slab_memory const& each) { return each.cells == slab; });
  if (found == live.end()) return;
  for (std::size_t i = 0; i < info.rows.size(); ++i) {
    descriptor const& row = *info.rows[i];
    std::size_t const offset = info.offsets[i];
    if (!row.closed()) {
      fold_thread_series(row, *reinterpret_cast<thread_series**>(slab + offset));
      continue;
    }
    if (in_shared_block(row)) continue;
    for (std::size_t j = 0; j < closed_series_count(row); ++j) {
      std::size_t const at = offset + j * cell_bytes(row);
      fold_cell(row, slab + at, retired.cells + at);
    }
  }
  release(found->cells);
  release(found->shadow);
  live.erase(found);
}

namespace {

/// Keeps the shared object that holds an address loaded until the process ends. Tables refer to
/// their constants, and threads to their cached pointers, in the object that was the first to use
/// them; a plugin that is closed would take them away.
void pin_object_of(void const* address) noexcept {
  Dl_info object{};
  if (::dladdr(address, &object) == 0 || object.dli_fname == nullptr) return;
  // Null for the program itself, which is never unloaded. The handle is kept on purpose.
  static_cast<void>(::dlopen(object.dli_fname, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE));
}

bool same_layout(table_info const& a, table_info const& b) noexcept {
  return a.content_hash == b.content_hash && a.slab_bytes == b.slab_bytes &&
         a.shared_bytes == b.shared_bytes;
}

}  // namespace

table_state& find_or_make_table(table_info const& table) noexcept {
  // Never destroyed: a static destructor of the program may still count.
  struct registry {
    std::mutex mutex;
    std::vector<table_state*> tables;
  };
  static registry& all = *new registry;
  std::lock_guard const lock(all.mutex);
  for (table_state* state : all.tables) {
    if (state->info.name != table.name) continue;
    if (same_layout(state->info, table)) return *state;
    std::fprintf(stderr,
                 "stele: error: expected one version of the metric table '%.*s' in a process, saw "
                 "two (content hashes %016llx and %016llx): build every library of this program "
                 "with the same generated header and the same Stele\n",
                 static_cast<int>(table.name.size()), table.name.data(),
                 static_cast<unsigned long long>(state->info.content_hash),
                 static_cast<unsigned long long>(table.content_hash));
    std::abort();
  }
  return *all.tables.emplace_back(new table_state(table));
}

table_state& state_of(table_link& link) noexcept {
  if (table_state* state = link.state.load(std::memory_order_acquire)) return *state;
  pin_object_of(&link);
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
