#include "core/histogram_reader.hpp"

#include <algorithm>
#include <numeric>

#include "core/cells.hpp"
#include "core/native_cell.hpp"

namespace stele::core {

namespace {

/// Keeps what was read, for a later gather that meets the owner in mid-update.
void keep_native(native_cell& cell, native_counts const& read) noexcept {
  cell.last_read = {read.schema, read.zero_count};
  for (std::size_t sign = 0; sign < read.windows.size(); ++sign)
    if (native_half* const half = cell.halves[sign].load(std::memory_order_acquire))
      half->last_read = read.windows[sign];
}

void keep_native_of_owner(native_cell& cell) noexcept {
  cell.last_read = cell.owners_copy;
  for (auto const& each : cell.halves)
    if (native_half* const half = each.load(std::memory_order_acquire))
      half->last_read = half->owners_copy;
}

}  // namespace

void histogram_reader::start(descriptor const& row) {
  row_ = &row;
  counts_.assign(row.bounds.size() + 1, 0);
  one_.resize(counts_.size());
  sum_ = 0;
  saw_negative_ = false;
  if (row.native()) native_.start(row.native_schema);
}

void histogram_reader::add(std::byte* cell, std::byte* shadow) noexcept {
  constexpr int tries = 16;
  std::size_t const bounds = row_->bounds.size();
  bool const has_native = row_->native();
  auto& source = *reinterpret_cast<histogram_cell*>(cell);
  auto& last = *reinterpret_cast<histogram_cell::copy*>(shadow);
  auto& owners_copy = *reinterpret_cast<histogram_cell::copy*>(shadow + shadow_bytes(*row_) / 2);
  auto const total = [bounds](std::uint64_t const* of) {
    return std::accumulate(of, of + bounds + 1, std::uint64_t{0});
  };
  bool found = false;
  for (int i = 0; i < tries && !found; ++i) {
    double sum = 0;
    found = source.try_read(bounds, one_.data(), sum, [&] {
      if (has_native) copy_native(source.native(bounds), one_native_);
    });
    if (!found) continue;
    std::copy(one_.begin(), one_.end(), last.counts());
    last.sum = sum;
    if (has_native) keep_native(source.native(bounds), one_native_);
  }
  // A first answer may be to an earlier gather's request, and older than what that one read.
  for (int i = 0; i < 2 && !found; ++i) {
    if (!source.ask_owner(owners_copy)) break;
    found = total(owners_copy.counts()) > total(last.counts());
    if (!found) continue;
    std::copy_n(owners_copy.counts(), bounds + 1, last.counts());
    last.sum = owners_copy.sum;
    if (has_native) keep_native_of_owner(source.native(bounds));
  }
  for (std::size_t i = 0; i <= bounds; ++i) counts_[i] += last.counts()[i];
  sum_ += last.sum;
  if (!has_native) return;
  native_cell const& native = source.native(bounds);
  add_last_native(native, native_);
  saw_negative_ = saw_negative_ ||
                  native.halves[native_counts::negative].load(std::memory_order_acquire) != nullptr;
}

bool histogram_reader::sum_may_fall() const noexcept {
  if (sum_ != sum_) return true;
  return row_->bounds.empty() ? saw_negative_ : row_->has_negative_bound();
}

}  // namespace stele::core
