#include "core/summary_window.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cmath>
#include <limits>

#include "core/memory.hpp"
#include "core/summary_clock.hpp"

namespace stele::core {

/// The window's counts, and their sums by group, so that what is zero is passed over.
struct alignas(cache_line_bytes) summary_window::counts {
  static constexpr std::size_t a_group = 64;

  std::array<std::uint64_t, log_buckets::size> buckets{};
  std::array<std::uint64_t, log_buckets::size / a_group + 1> groups{};
};

namespace {

using counts = summary_window::counts;

/// Zeroed counts that nobody uses: gathers follow each other, and need not make their own.
constinit std::atomic<counts*> spare{nullptr};

counts* take_counts() noexcept {
  counts* const kept = spare.exchange(nullptr, std::memory_order_acquire);
  return kept != nullptr ? kept : make_on_lines<counts, memory_part::snapshots>();
}

/// REQUIRES: all zero.
void give_back(counts* used) {
  destroy_on_lines<memory_part::snapshots>(spare.exchange(used, std::memory_order_acq_rel));
}

}  // namespace

summary_window::summary_window() noexcept : counts_(nullptr, give_back) {}

summary_window::~summary_window() { clear(); }

void summary_window::clear() noexcept {
  if (window_count_ != 0)
    for (std::size_t i = 0; i < counts_->groups.size(); ++i) {
      if (counts_->groups[i] == 0) continue;
      std::size_t const first = i * counts::a_group;
      std::fill_n(counts_->buckets.begin() + first,
                  std::min(counts::a_group, log_buckets::size - first), 0);
      counts_->groups[i] = 0;
    }
  window_count_ = count_ = 0;
  sum_ = 0;
  saw_negative_ = false;
}

void summary_window::add(sketch& part) noexcept {
  sketch::totals const read = part.read();
  count_ += read.count;
  sum_ += read.sum;
  saw_negative_ = saw_negative_ || part.saw_negative();
  part.read_window(summary_epoch.load(std::memory_order_relaxed),
                   [this](std::size_t bucket, std::uint64_t count) { add(bucket, count); });
}

void summary_window::add(std::size_t bucket, std::uint64_t count) noexcept {
  if (counts_ == nullptr) counts_.reset(take_counts());
  if (counts_ == nullptr) return;  // no memory: no quantiles in this gather
  counts_->buckets[bucket] += count;
  counts_->groups[bucket / counts::a_group] += count;
  window_count_ += count;
}

double summary_window::quantile(double q) const noexcept {
  if (window_count_ == 0) return std::numeric_limits<double>::quiet_NaN();
  std::uint64_t rank = nearest_rank(q, window_count_ - 1);
  std::size_t group = 0;
  for (; counts_->groups[group] <= rank; ++group) rank -= counts_->groups[group];
  std::size_t bucket = group * counts::a_group;
  for (; counts_->buckets[bucket] <= rank; ++bucket) rank -= counts_->buckets[bucket];
  return log_buckets::value_of(bucket);
}

std::uint64_t nearest_rank(double q, std::uint64_t last) noexcept {
  constexpr int digits = std::numeric_limits<double>::digits;
  // A quantile is meant as it is written: 0.29 of 100 is 29, although the double 0.29, or the
  // product, may be less by two units in the last place.
  if (last < std::uint64_t{1} << (digits - 2))
    return std::min(last,
                    static_cast<std::uint64_t>(q * static_cast<double>(last) * (1 + 0x1p-51)));
  __extension__ using wide = unsigned __int128;
  int exponent = 0;
  double const fraction = std::frexp(q, &exponent);  // q = fraction * 2^exponent, exponent <= 1
  auto const mantissa = static_cast<std::uint64_t>(std::ldexp(fraction, digits));
  int const shift = digits - exponent;
  return shift >= 128 ? 0 : static_cast<std::uint64_t>((wide{mantissa} * last) >> shift);
}

}  // namespace stele::core
