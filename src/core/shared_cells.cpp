#include "core/shared_cells.hpp"

#include <algorithm>
#include <memory>
#include <new>
#include <utility>

#include "core/cells.hpp"

namespace stele::core {

namespace {

constexpr memory_part part = memory_part::open_series;

// A row with few series needs little; one with many has pages of 2 MiB and more, which memory.hpp
// has ways for.
constexpr std::size_t cells_min = 8;
constexpr std::size_t cells_max = 32 * 1024;

}  // namespace

struct shared_cells::page {
  std::atomic<std::uint64_t>& freed;   // the row's, which outlives its pages
  std::uint32_t const count;           // of cells
  std::atomic<std::uint32_t> used{0};  // of them
  std::uint32_t next = 0;              // where to look for a free one first
  std::byte* const cells;
  std::atomic<std::uint32_t>* const uses;  // of each cell, behind them

  static std::size_t bytes(std::size_t count) noexcept {
    return count * (cache_line_bytes + sizeof(std::atomic<std::uint32_t>));
  }

  static page* make(std::size_t count, std::atomic<std::uint64_t>& freed) {
    std::byte* const memory = allocate_lines(part, bytes(count));
    if (memory == nullptr) throw std::bad_alloc();
    auto* const uses =
        reinterpret_cast<std::atomic<std::uint32_t>*>(memory + count * cache_line_bytes);
    std::uninitialized_value_construct_n(uses, count);
    try {
      return core::make<page, part>(freed, static_cast<std::uint32_t>(count), memory, uses);
    } catch (std::bad_alloc const&) {
      release_lines(part, memory, bytes(count));
      throw;
    }
  }

  page(std::atomic<std::uint64_t>& of_row, std::uint32_t size, std::byte* memory,
       std::atomic<std::uint32_t>* counts) noexcept
      : freed(of_row), count(size), cells(memory), uses(counts) {}
  page(page const&) = delete;
  page& operator=(page const&) = delete;
  ~page() { release_lines(part, cells, bytes(count)); }

  std::atomic<std::uint32_t>& uses_of(std::byte const* cell) noexcept {
    return uses[static_cast<std::size_t>(cell - cells) / cache_line_bytes];
  }
};

void shared_cells::cell::add_use() const noexcept {
  static_cast<page*>(in)->uses_of(at).fetch_add(1, std::memory_order_relaxed);
}

void shared_cells::cell::drop_use() const noexcept {
  page& from = *static_cast<page*>(in);
  std::atomic<std::uint64_t>& freed = from.freed;
  if (from.uses_of(at).fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  from.used.fetch_sub(1, std::memory_order_release);  // after this the page may go
  freed.fetch_add(1, std::memory_order_release);
}

shared_cells::~shared_cells() {
  for (page* each : pages_) destroy<part>(each);
}

shared_cells::page& shared_cells::page_with_room() {
  std::uint64_t const freed = freed_.load(std::memory_order_acquire);
  if (std::exchange(seen_by_take_, freed) != freed) full_ = 0;
  for (; full_ < pages_.size(); ++full_)
    if (pages_[full_]->used.load(std::memory_order_acquire) < pages_[full_]->count)
      return *pages_[full_];
  std::size_t const last = pages_.empty() ? 0 : pages_.back()->count;
  reserve_one(pages_);
  pages_.push_back(page::make(std::clamp(2 * last, cells_min, cells_max), freed_));
  return *pages_.back();
}

shared_cells::cell shared_cells::take() {
  page& from = page_with_room();
  // One is free: this thread alone takes them.
  while (from.uses[from.next].load(std::memory_order_acquire) != 0)
    from.next = (from.next + 1) % from.count;
  from.uses[from.next].store(1, std::memory_order_relaxed);
  from.used.fetch_add(1, std::memory_order_relaxed);
  cell const taken{from.cells + from.next * cache_line_bytes, &from};
  construct_cells(row_, 1, taken.at);
  return taken;
}

void shared_cells::trim() noexcept {
  std::uint64_t const freed = freed_.load(std::memory_order_acquire);
  if (std::exchange(seen_by_trim_, freed) == freed) return;
  std::erase_if(pages_, [](page* each) {
    if (each->used.load(std::memory_order_acquire) != 0) return false;
    destroy<part>(each);
    return true;
  });
  full_ = 0;
}

}  // namespace stele::core
