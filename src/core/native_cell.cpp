#include "core/native_cell.hpp"

#include <new>
#include <utility>

#include "core/memory.hpp"
#include "core/native_index.hpp"
#include "stele/histogram.hpp"

namespace stele {

namespace core {

namespace {

native_half* attach_half(std::atomic<native_half*>& at) noexcept {
  std::byte* const memory = allocate_lines(memory_part::native_buckets, sizeof(native_half));
  if (memory == nullptr) return nullptr;
  auto* const made = new (memory) native_half;
  at.store(made, std::memory_order_release);
  return made;
}

void free_half(native_half* half) noexcept {
  release_lines(memory_part::native_buckets, half, sizeof(native_half));
}

/// The owner, in an update: makes the buckets of a cell what `from` says.
void store_native(native_counts const& from, native_cell& cell) noexcept {
  store_in_update(cell.schema, std::int64_t{from.schema});
  store_in_update(cell.zero_count, from.zero_count);
  for (std::size_t sign = 0; sign < from.windows.size(); ++sign) {
    native_half* const half = cell.halves[sign].load(std::memory_order_relaxed);
    if (half == nullptr) continue;
    store_in_update(half->first, from.windows[sign].first);
    for (std::size_t i = 0; i < half->counts.size(); ++i)
      store_in_update(half->counts[i], from.windows[sign].counts[i]);
  }
}

/// The owner, in an update: has the positions moved, or their resolution halved, for a bucket that
/// they do not reach.
[[gnu::noinline, gnu::cold]] std::size_t make_room(native_cell& cell, std::size_t sign,
                                                   std::int64_t finest_index) noexcept {
  native_counts counts;
  copy_native(cell, counts);
  std::size_t const position = counts.make_room(sign, finest_index, native_schema_max);
  store_native(counts, cell);
  return position;
}

/// The owner, in an update.
void count_in_half(native_cell& cell, native_half& half, std::size_t sign,
                   double magnitude) noexcept {
  std::int64_t const finest = finest_native_index(magnitude);
  auto const schema = static_cast<int>(cell.schema.load(std::memory_order_relaxed));
  auto position =
      static_cast<std::size_t>(coarser_native_index(finest, native_schema_max - schema) -
                               half.first.load(std::memory_order_relaxed));
  if (position >= half.counts.size()) [[unlikely]]
    position = make_room(cell, sign, finest);
  add_in_update(half.counts[position], std::uint64_t{1});
}

}  // namespace

bool observe_native(descriptor const& row, std::byte* at, double value,
                    std::size_t bucket) noexcept {
  auto& cell = *reinterpret_cast<histogram_cell*>(at);
  native_cell& native = cell.native(row.bounds.size());
  if (value != value) [[unlikely]] {
    cell.observe(value, bucket);  // NaN: in the count only
    return true;
  }
  bool const negative = value < 0;
  double const magnitude = negative ? -value : value;
  bool const is_zero = magnitude <= native_zero_threshold;
  std::size_t const sign = negative ? native_counts::negative : native_counts::positive;
  // A negative value in the zero bucket attaches too: the negative half says that the sum may fall.
  native_half* half = native.halves[sign].load(std::memory_order_relaxed);
  if (half == nullptr && (negative || !is_zero)) [[unlikely]] {
    half = attach_half(native.halves[sign]);
    if (half == nullptr) return false;
  }
  cell.update(value, bucket, [&] {
    if (is_zero) [[unlikely]]
      add_in_update(native.zero_count, std::uint64_t{1});
    else
      count_in_half(native, *half, sign, magnitude);
  });
  return true;
}

void copy_native(native_cell const& cell, native_counts& to) noexcept {
  to.schema = static_cast<int>(load_for_copy(cell.schema));
  to.zero_count = load_for_copy(cell.zero_count);
  for (std::size_t sign = 0; sign < to.windows.size(); ++sign) {
    native_window& window = to.windows[sign];
    native_half const* const half = load_for_copy(cell.halves[sign]);
    if (half == nullptr) {
      window = {};
      continue;
    }
    window.first = load_for_copy(half->first);
    for (std::size_t i = 0; i < window.counts.size(); ++i)
      window.counts[i] = load_for_copy(half->counts[i]);
  }
}

void add_last_native(native_cell const& cell, native_counts& to) noexcept {
  auto const schema = static_cast<int>(cell.last_read.schema);
  to.coarsen(schema);
  to.zero_count += cell.last_read.zero_count;
  for (std::size_t sign = 0; sign < to.windows.size(); ++sign)
    if (native_half const* const half = cell.halves[sign].load(std::memory_order_acquire))
      to.add(sign, half->last_read, schema);
}

void fold_native(native_cell& from, bool stopped_in_update, native_cell& into) noexcept {
  native_counts sum;
  copy_native(into, sum);
  if (stopped_in_update) {
    add_last_native(from, sum);
  } else {
    native_counts ended;
    copy_native(from, ended);
    sum.add(ended);
  }
  for (std::size_t sign = 0; sign < sum.windows.size(); ++sign) {
    if (into.halves[sign].load(std::memory_order_relaxed) != nullptr) continue;
    into.halves[sign].store(from.halves[sign].exchange(nullptr, std::memory_order_relaxed),
                            std::memory_order_release);
  }
  store_native(sum, into);
  release_native(from);
}

void release_native(native_cell& cell) noexcept {
  for (auto& half : cell.halves) free_half(half.exchange(nullptr, std::memory_order_relaxed));
}

}  // namespace core

void histogram_cell::write_copy() noexcept {
  copy_request::ticket const asked = request_.take();
  if (asked == 0) return;
  copy& into = *copy_.load(std::memory_order_relaxed);
  for (std::size_t i = 0; i <= into.bounds; ++i)
    into.counts()[i] = buckets()[i].load(std::memory_order_relaxed);
  into.sum = sum_.load(std::memory_order_relaxed);
  if (into.with_native) {
    native_cell& cell = native(into.bounds);
    core::native_counts now;
    core::copy_native(cell, now);
    cell.owners_copy = {now.schema, now.zero_count};
    for (std::size_t sign = 0; sign < now.windows.size(); ++sign)
      if (native_half* const half = cell.halves[sign].load(std::memory_order_relaxed))
        half->owners_copy = now.windows[sign];
  }
  request_.publish(asked);
}

}  // namespace stele
