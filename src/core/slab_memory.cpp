#include "core/slab_memory.hpp"

#include <cstring>
#include <new>

#include "core/cells.hpp"
#include "core/memory.hpp"

namespace stele::core {

namespace {

std::byte* allocate_or_throw(memory_part part, std::size_t bytes) {
  if (std::byte* const memory = allocate_lines(part, bytes)) return memory;
  throw std::bad_alloc();
}

/// The cells of a closed row, and what a gather keeps beside each.
void construct_closed(descriptor const& row, std::byte* cells, std::byte* shadows) {
  std::size_t const count = closed_series_count(row);
  construct_cells(row, count, cells);
  for (std::size_t i = 0; i < count; ++i) construct_shadow(row, shadows + 2 * i * cell_bytes(row));
}

}  // namespace

std::byte* make_shared_block(table_info const& table) {
  std::byte* const block = allocate_or_throw(memory_part::tables, table.shared_bytes);
  for (std::size_t i = 0; i < table.rows.size(); ++i)
    if (in_shared_block(*table.rows[i]) && !on_own_page(*table.rows[i]))
      construct_cells(*table.rows[i], closed_series_count(*table.rows[i]),
                      block + table.offsets[i]);
  return block;
}

slab_memory make_slab(table_info const& table, memory_part part) {
  slab_memory slab{allocate_or_throw(part, table.slab_bytes), nullptr};
  slab.shadow = allocate_lines(part, 2 * std::size_t{table.slab_bytes});
  if (slab.shadow == nullptr) {
    release_lines(part, slab.cells, table.slab_bytes);
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

void free_slab(table_info const& table, slab_memory const& slab) noexcept {
  release_lines(memory_part::slabs, slab.cells, table.slab_bytes);
  release_lines(memory_part::slabs, slab.shadow, 2 * std::size_t{table.slab_bytes});
}

namespace {

/// Cells, and behind them what a gather keeps beside each.
std::size_t page_bytes(descriptor const& row) noexcept {
  std::size_t const bytes = closed_series_count(row) * cell_bytes(row);
  return in_shared_block(row) ? bytes : 3 * bytes;
}

page_pointer& page_of(table_info const& table, std::size_t row, std::byte* region) noexcept {
  return *reinterpret_cast<page_pointer*>(region + table.offsets[row]);
}

}  // namespace

std::byte* attach_page(descriptor const& row, page_pointer& page) noexcept {
  std::byte* const made = allocate_lines(memory_part::pages, page_bytes(row));
  if (made == nullptr) return nullptr;
  if (in_shared_block(row))
    construct_cells(row, closed_series_count(row), made);
  else
    construct_closed(row, made, made + closed_series_count(row) * cell_bytes(row));
  std::byte* there = nullptr;
  if (page.compare_exchange_strong(there, made, std::memory_order_acq_rel)) return made;
  release_lines(memory_part::pages, made,
                page_bytes(row));  // another thread was faster; only in the shared block
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

void clear_closed(table_info const& table, std::size_t index, slab_memory const& region) noexcept {
  descriptor const& row = *table.rows[index];
  std::byte* const cells = cells_of(table, index, region.cells);
  if (cells == nullptr) return;
  std::size_t const count = closed_series_count(row);
  for (std::size_t i = 0; i < count; ++i) destroy_cell(row, cells + i * cell_bytes(row));
  std::memset(cells, 0, count * cell_bytes(row));
  if (in_shared_block(row))
    construct_cells(row, count, cells);
  else
    construct_closed(row, cells, shadows_of(table, index, region));
}

void fold_closed(table_info const& table, std::size_t index, slab_memory const& slab,
                 slab_memory const& retired) noexcept {
  descriptor const& row = *table.rows[index];
  std::byte* const from = cells_of(table, index, slab.cells);
  if (from == nullptr) return;
  std::byte* into = cells_of(table, index, retired.cells);
  if (into == nullptr) into = attach_page(row, page_of(table, index, retired.cells));
  if (into == nullptr) {  // no memory: the page itself becomes the retired one
    page_of(table, index, retired.cells).store(from, std::memory_order_release);
    return;
  }
  std::byte* const shadow = shadows_of(table, index, slab);
  for (std::size_t i = 0; i < closed_series_count(row); ++i) {
    std::size_t const at = i * cell_bytes(row);
    fold_cell(row, from + at, shadow + 2 * at, into + at);
  }
  if (on_own_page(row)) release_lines(memory_part::pages, from, page_bytes(row));
}

}  // namespace stele::core
