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

histogram_cell::copy& owners_copy(descriptor const& row, std::byte* shadow) noexcept {
  return *reinterpret_cast<histogram_cell::copy*>(shadow + shadow_bytes(row) / 2);
}

bool take_owners_copy(descriptor const& row, std::byte* cell, std::byte* shadow) noexcept {
  std::size_t const bounds = row.bounds.size();
  auto& last = *reinterpret_cast<histogram_cell::copy*>(shadow);
  auto& owners = owners_copy(row, shadow);
  auto const total = [bounds](std::uint64_t const* of) {
    return std::accumulate(of, of + bounds + 1, std::uint64_t{0});
  };
  if (total(owners.counts()) <= total(last.counts())) return false;
  std::copy_n(owners.counts(), bounds + 1, last.counts());
  last.sum = owners.sum;
  if (row.native()) keep_native_of_owner(reinterpret_cast<histogram_cell*>(cell)->native(bounds));
  return true;
}

void histogram_reader::start(descriptor const& row) {
  row_ = &row;
  counts_.assign(row.bounds.size() + 1, 0);
  one_.resize(counts_.size());
  sum_ = 0;
  saw_negative_ = false;
  if (row.native()) native_.start(row.native_schema);
}

bool histogram_reader::refresh(std::byte* cell, std::byte* shadow) noexcept {
  std::size_t const bounds = row_->bounds.size();
  auto& source = *reinterpret_cast<histogram_cell*>(cell);
  double sum = 0;
  bool const found = source.try_read(bounds, one_.data(), sum, [&] {
    if (row_->native()) copy_native(source.native(bounds), one_native_);
  });
  if (!found) return false;
  auto& last = *reinterpret_cast<histogram_cell::copy*>(shadow);
  std::copy(one_.begin(), one_.end(), last.counts());
  last.sum = sum;
  if (row_->native()) keep_native(source.native(bounds), one_native_);
  return true;
}

void histogram_reader::add(std::byte* cell, std::byte* shadow) noexcept {
  constexpr int tries = 16;
  std::size_t const bounds = row_->bounds.size();
  auto& source = *reinterpret_cast<histogram_cell*>(cell);
  auto& last = *reinterpret_cast<histogram_cell::copy*>(shadow);
  bool found = false;
  for (int i = 0; i < tries && !found; ++i) found = refresh(cell, shadow);
  // A first answer may be to an earlier gather's request, and older than what that one read.
  for (int i = 0; i < 2 && !found; ++i) {
    if (!source.ask_owner(owners_copy(*row_, shadow))) break;
    found = take_owners_copy(*row_, cell, shadow);
  }
  for (std::size_t i = 0; i <= bounds; ++i) counts_[i] += last.counts()[i];
  sum_ += last.sum;
  if (!row_->native()) return;
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
