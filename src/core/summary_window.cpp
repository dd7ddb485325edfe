#include "core/summary_window.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <limits>
#include <numeric>

#include "stele/summary.hpp"

namespace stele::core {

namespace {

constexpr auto slice_time = std::chrono::minutes(2);  // 5 slices: the last 8 to 10 minutes

}  // namespace

constinit std::atomic<sketch::epoch> summary_epoch{1};

void tick_summary_epoch() noexcept {
  using clock = std::chrono::steady_clock;
  static clock::time_point const start = clock::now();
  auto const now = 1 + static_cast<sketch::epoch>((clock::now() - start) / slice_time);
  sketch::epoch seen = summary_epoch.load(std::memory_order_relaxed);
  while (seen < now && !summary_epoch.compare_exchange_weak(seen, now, std::memory_order_relaxed)) {
  }
}

void summary_window::clear() noexcept {
  std::fill(counts_.begin(), counts_.end(), 0);
  window_count_ = count_ = 0;
  sum_ = 0;
  saw_negative_ = false;
}

void summary_window::add(sketch& part) {
  constexpr int tries = 16;
  sketch::totals read;
  bool found = false;
  for (int i = 0; i < tries && !found; ++i) found = part.try_read(read.count, read.sum);
  // A first answer may be to an earlier gather's request, and older than what that one read.
  for (int i = 0; i < 2 && !found; ++i)
    found = part.ask_owner(read) && read.count > part.last_read.count;
  if (found) part.last_read = read;
  count_ += part.last_read.count;
  sum_ += part.last_read.sum;
  saw_negative_ = saw_negative_ || part.saw_negative();
  part.read_window(summary_epoch.load(std::memory_order_relaxed), counts_.data());
  window_count_ = std::accumulate(counts_.begin(), counts_.end(), std::uint64_t{0});
}

double summary_window::quantile(double q) const noexcept {
  if (window_count_ == 0) return std::numeric_limits<double>::quiet_NaN();
  auto rank = static_cast<std::uint64_t>(q * static_cast<double>(window_count_ - 1));
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    if (counts_[i] > rank) return log_buckets::value_of(i);
    rank -= counts_[i];
  }
  return log_buckets::value_of(counts_.size() - 1);
}

}  // namespace stele::core
