#include "core/open_row.hpp"

#include <algorithm>
#include <cstring>
#include <new>

#include "core/cells.hpp"
#include "core/label_text.hpp"
#include "core/table_state.hpp"
#include "stele/series.hpp"

namespace stele::core {

namespace {

/// A cell on cache lines of its own, since its neighbours may belong to other threads.
series::thread_cell allocate_cell(descriptor const& row) {
  std::size_t const bytes = cell_bytes(row);
  std::size_t const shadow = shadow_bytes(row);
  auto* const at =
      static_cast<std::byte*>(::operator new(bytes + shadow, std::align_val_t{cache_line_bytes}));
  construct_cells(row, 1, at);
  construct_shadow(row, at + bytes);
  return {at, at + bytes};
}

void release_cell(std::byte* cell) noexcept {
  ::operator delete(cell, std::align_val_t{cache_line_bytes});
}

}  // namespace

series::series(descriptor const& about, std::string_view rendered_labels)
    : row(about), labels(rendered_labels), retired(allocate_cell(about)) {}

std::byte* series::new_cell() {
  if (row.is_shared()) return retired.cell;
  return live.emplace_back(allocate_cell(row)).cell;
}

void series::fold(std::byte* cell) noexcept {
  auto const found = std::find_if(live.begin(), live.end(),
                                  [&](thread_cell const& each) { return each.cell == cell; });
  if (found == live.end()) return;  // a gauge's
  fold_cell(row, found->cell, found->shadow, retired.cell);
  release_cell(found->cell);
  live.erase(found);
}

series& open_row::find(std::string_view const* values) {
  // The rendered labels are the key: values are made valid before, so that two keys never print
  // as one series, and escaping keeps the borders between values.
  std::vector<std::string> valid(row_.labels.size());
  std::vector<std::string_view> views(row_.labels.size());
  for (std::size_t i = 0; i < views.size(); ++i) {
    append_valid_utf8(valid[i], values[i]);
    views[i] = valid[i];
  }
  std::string key = render_labels(row_, views.data());
  auto const [at, is_new] = by_labels_.try_emplace(std::move(key), nullptr);
  if (is_new) {
    try {
      at->second = &series_.emplace_back(row_, at->first);
    } catch (...) {
      by_labels_.erase(at);
      throw;
    }
  }
  return *at->second;
}

void fold_thread_series(descriptor const& row, thread_series* ended) noexcept {
  if (ended == nullptr) return;
  for (auto const& [which, cell] : *ended)
    if (!row.is_shared()) which->fold(cell);
  delete ended;
}

series* find_series(table_link& link, std::size_t row, std::string_view const* values,
                    std::size_t count) noexcept try {
  if (std::any_of(values, values + count,
                  [](auto const& value) { return value.data() == nullptr; }))
    return nullptr;
  table_state& state = state_of(link);
  std::lock_guard const lock(state.mutex);
  return &state.rows[row].open->find(values);
} catch (std::bad_alloc const&) {
  return nullptr;
}

std::byte* series_cell(table_link& link, series& which, std::byte*& cached_slab) noexcept try {
  std::byte* const slab = cached_slab != nullptr ? cached_slab : attach(link, cached_slab);
  if (slab == nullptr) return nullptr;
  table_state& state = state_of(link);
  std::size_t const row = static_cast<std::size_t>(
      std::find(state.info.rows.begin(), state.info.rows.end(), &which.row) -
      state.info.rows.begin());
  auto*& cells = *reinterpret_cast<thread_series**>(slab + state.info.offsets[row]);
  if (cells == nullptr) cells = new thread_series;
  auto const [at, is_new] = cells->try_emplace(&which, nullptr);
  if (is_new) {
    std::lock_guard const lock(state.mutex);
    at->second = which.new_cell();
  }
  return at->second;
} catch (std::bad_alloc const&) {
  return nullptr;
}

std::byte* retired_cell(series& which) noexcept { return which.retired.cell; }

}  // namespace stele::core
