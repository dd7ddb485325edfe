// summary_window.hpp: all threads' sketches of one series, added up over the window.

#pragma once

#include <cstdint>
#include <vector>

#include "stele/api.hpp"
#include "stele/sketch.hpp"

namespace stele::core {

class summary_window {
 public:
  void clear() noexcept;
  /// Adds a thread's part. Where its owner is in mid-update, the totals of the last gather are
  /// taken, so that a read is bounded. REQUIRES: one gather at a time.
  void add(sketch& part);

  /// The value at the lower nearest rank, floor(q * (n - 1)) counted from 0, of the window's n
  /// values, or NaN where there is none. REQUIRES: 0 <= q <= 1.
  [[nodiscard]] double quantile(double q) const noexcept;

  /// Cumulative, since the start of the process.
  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
  [[nodiscard]] double sum() const noexcept { return sum_; }
  /// Whether the sum may have fallen.
  [[nodiscard]] bool saw_negative() const noexcept { return saw_negative_; }

 private:
  std::vector<std::uint64_t> counts_ = std::vector<std::uint64_t>(log_buckets::size, 0);
  std::uint64_t window_count_ = 0;
  std::uint64_t count_ = 0;
  double sum_ = 0;
  bool saw_negative_ = false;
};

/// Moves every summary's window on, where its time has come. Any thread, as often as it likes; the
/// window is as old as the last tick.
STELE_API void tick_summary_epoch() noexcept;

}  // namespace stele::core
