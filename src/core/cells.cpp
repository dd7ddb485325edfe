#include "core/cells.hpp"

#include <algorithm>
#include <cstring>
#include <new>
#include <numeric>

#include "stele/cell.hpp"
#include "stele/sketch.hpp"
#include "stele/slab.hpp"
#include "stele/summary.hpp"

namespace stele::core {

namespace {

void construct_cell(descriptor const& row, std::byte* at) {
  switch (row.type) {
    case metric_type::counter:
      if (row.integral())
        new (at) counter_cell<std::uint64_t>;
      else
        new (at) counter_cell<double>;
      return;
    case metric_type::gauge:
    case metric_type::info:
    case metric_type::stateset:
      if (row.integral())
        new (at) gauge_cell<std::int64_t>;
      else
        new (at) gauge_cell<double>;
      return;
    case metric_type::histogram: {
      auto* const cell = new (at) histogram_cell;
      auto* bucket = reinterpret_cast<std::byte*>(cell + 1);
      for (std::size_t i = 0; i <= row.bounds.size(); ++i, bucket += sizeof(std::uint64_t))
        new (bucket) std::atomic<std::uint64_t>(0);
      return;
    }
    case metric_type::summary: new (at) sketch_cell(nullptr); return;
  }
}

template <class Number>
void fold_counter(std::byte* from, std::byte* into) noexcept {
  reinterpret_cast<counter_cell<Number>*>(into)->add(
      reinterpret_cast<counter_cell<Number>*>(from)->read());
}

/// The first sketch to be folded is kept as it is; a later one is added to it and freed.
void fold_sketch(std::byte* from, std::byte* into) noexcept {
  auto& source = *reinterpret_cast<sketch_cell*>(from);
  auto& target = *reinterpret_cast<sketch_cell*>(into);
  sketch* const ended = source.load(std::memory_order_relaxed);
  if (ended == nullptr) return;
  if (sketch* const kept = target.load(std::memory_order_relaxed)) {
    kept->merge(*ended);
    delete ended;
  } else {
    target.store(ended, std::memory_order_release);
  }
  source.store(nullptr, std::memory_order_relaxed);
}

}  // namespace

void construct_cells(descriptor const& row, std::size_t count, std::byte* at) {
  for (std::size_t i = 0; i < count; ++i) construct_cell(row, at + i * cell_bytes(row));
}

void fold_cell(descriptor const& row, std::byte* from, std::byte* into) noexcept {
  switch (row.type) {
    case metric_type::counter:
      row.integral() ? fold_counter<std::uint64_t>(from, into) : fold_counter<double>(from, into);
      return;
    case metric_type::histogram:
      reinterpret_cast<histogram_cell*>(into)->merge(
          row.bounds.size(), *reinterpret_cast<histogram_cell const*>(from));
      return;
    case metric_type::summary: fold_sketch(from, into); return;
    case metric_type::gauge:
    case metric_type::info:
    case metric_type::stateset: return;  // shared: no owner, never folded
  }
}

void destroy_cell(descriptor const& row, std::byte* at) noexcept {
  if (row.type == metric_type::summary)
    delete reinterpret_cast<sketch_cell*>(at)->load(std::memory_order_relaxed);
}

std::size_t shadow_bytes(descriptor const& row) noexcept {
  if (row.type != metric_type::histogram) return 0;
  return 2 * (sizeof(histogram_cell::copy) + (row.bounds.size() + 1) * sizeof(std::uint64_t));
}

void construct_shadow(descriptor const& row, std::byte* at) noexcept {
  if (row.type != metric_type::histogram) return;
  std::memset(at, 0, shadow_bytes(row));
  for (std::size_t i = 0; i < 2; ++i)
    new (at + i * shadow_bytes(row) / 2) histogram_cell::copy{row.bounds.size(), 0};
}

void read_histogram(descriptor const& row, std::byte* cell, std::byte* shadow,
                    std::uint64_t* scratch, std::uint64_t* counts, double& sum) noexcept {
  constexpr int tries = 16;
  std::size_t const size = row.bounds.size() + 1;
  auto& source = *reinterpret_cast<histogram_cell*>(cell);
  auto& last = *reinterpret_cast<histogram_cell::copy*>(shadow);
  auto& owners = *reinterpret_cast<histogram_cell::copy*>(shadow + shadow_bytes(row) / 2);
  auto const keep = [&](std::uint64_t const* from, double from_sum) {
    std::copy_n(from, size, last.counts());
    last.sum = from_sum;
  };
  auto const total = [&](std::uint64_t const* of) {
    return std::accumulate(of, of + size, std::uint64_t{0});
  };
  bool found = false;
  for (int i = 0; i < tries && !found; ++i) {
    double sum_read = 0;
    found = source.try_read(row.bounds.size(), scratch, sum_read);
    if (found) keep(scratch, sum_read);
  }
  // A first answer may be to an earlier gather's request, and older than what that one read.
  for (int i = 0; i < 2 && !found; ++i) {
    found = source.ask_owner(owners) && total(owners.counts()) > total(last.counts());
    if (found) keep(owners.counts(), owners.sum);
  }
  for (std::size_t i = 0; i < size; ++i) counts[i] += last.counts()[i];
  sum += last.sum;
}

sketch* attach_sketch(sketch_cell& cell) noexcept {
  auto* const made = new (std::nothrow) sketch;
  if (made != nullptr) cell.store(made, std::memory_order_release);
  return made;
}

}  // namespace stele::core
