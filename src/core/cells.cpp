#include "core/cells.hpp"

#include <cstring>
#include <new>

#include "core/histogram_reader.hpp"
#include "core/memory.hpp"
#include "core/native_cell.hpp"
#include "stele/cell.hpp"
#include "stele/sketch.hpp"
#include "stele/slab.hpp"
#include "stele/stateset.hpp"
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
    case metric_type::stateset: new (at) state_cell; return;
    case metric_type::unknown: return;  // of no row
    case metric_type::gauge:
    case metric_type::info:  // its cell is not read
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
      if (!row.native()) return;
      auto* const native = new (bucket) native_cell;
      native->schema.store(row.native_schema, std::memory_order_relaxed);
      native->last_read.schema = row.native_schema;
      return;
    }
    case metric_type::summary: new (at) sketch; return;
  }
}

template <class Number>
void fold_counter(std::byte* from, std::byte* into) noexcept {
  reinterpret_cast<counter_cell<Number>*>(into)->add(
      reinterpret_cast<counter_cell<Number>*>(from)->read());
}

void fold_histogram(descriptor const& row, std::byte* from, std::byte* shadow,
                    std::byte* into) noexcept {
  std::size_t const bounds = row.bounds.size();
  auto& source = *reinterpret_cast<histogram_cell*>(from);
  auto& target = *reinterpret_cast<histogram_cell*>(into);
  auto& last = *reinterpret_cast<histogram_cell::copy*>(shadow);
  bool const stopped = source.in_update();
  if (stopped)
    take_owners_copy(row, from, shadow);
  else
    static_cast<void>(source.try_read(bounds, last.counts(), last.sum, [] {}));
  target.add(bounds, last.counts(), last.sum, [&] {
    if (row.native()) fold_native(source.native(bounds), stopped, target.native(bounds));
  });
}

}  // namespace

void construct_cells(descriptor const& row, std::size_t count, std::byte* at) {
  for (std::size_t i = 0; i < count; ++i) construct_cell(row, at + i * cell_bytes(row));
}

void fold_cell(descriptor const& row, std::byte* from, std::byte* shadow,
               std::byte* into) noexcept {
  switch (row.type) {
    case metric_type::counter:
      row.integral() ? fold_counter<std::uint64_t>(from, into) : fold_counter<double>(from, into);
      return;
    case metric_type::histogram: fold_histogram(row, from, shadow, into); return;
    case metric_type::summary:
      reinterpret_cast<sketch*>(into)->take(*reinterpret_cast<sketch*>(from));
      return;
    case metric_type::gauge:
    case metric_type::info:
    case metric_type::stateset:  // shared: no owner, never folded
    case metric_type::unknown: return;
  }
}

void destroy_cell(descriptor const& row, std::byte* at) noexcept {
  if (row.type == metric_type::histogram && row.native())
    release_native(reinterpret_cast<histogram_cell*>(at)->native(row.bounds.size()));
  if (row.type == metric_type::summary) reinterpret_cast<sketch*>(at)->~sketch();
}

std::size_t shadow_bytes(descriptor const& row) noexcept {
  if (row.type != metric_type::histogram) return 0;
  return 2 * (sizeof(histogram_cell::copy) + (row.bounds.size() + 1) * sizeof(std::uint64_t));
}

void construct_shadow(descriptor const& row, std::byte* at) noexcept {
  if (row.type != metric_type::histogram) return;
  std::memset(at, 0, shadow_bytes(row));
  for (std::size_t i = 0; i < 2; ++i)
    new (at + i * shadow_bytes(row) / 2)
        histogram_cell::copy{static_cast<std::uint32_t>(row.bounds.size()), row.native(), 0};
}

}  // namespace stele::core
