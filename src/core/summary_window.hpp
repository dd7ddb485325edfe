// summary_window.hpp: all threads' sketches of one series, added up over the window.
//
//   window.clear();
//   for (sketch* part : parts) window.add(*part);
//   double const median = window.quantile(0.5);
//
// Threads: one at a time for an object.

#pragma once

#include <cstdint>
#include <memory>

#include "stele/sketch.hpp"
#include "stele/summary.hpp"

namespace stele::core {

class summary_window {
 public:
  summary_window() noexcept;
  ~summary_window();

  void clear() noexcept;
  /// Adds a thread's part. Where its owner is in mid-update, the totals of the last gather are
  /// taken, so that a read is bounded. REQUIRES: one gather at a time.
  void add(sketch& part) noexcept;

  /// The value at the lower nearest rank, floor(q * (n - 1)) counted from 0, of the window's n
  /// values, or NaN where there is none. REQUIRES: 0 <= q <= 1.
  [[nodiscard]] double quantile(double q) const noexcept;

  /// Cumulative, since the start of the process.
  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
  [[nodiscard]] double sum() const noexcept { return sum_; }
  /// Whether the sum may have fallen.
  [[nodiscard]] bool saw_negative() const noexcept { return saw_negative_; }

  /// Adds to a bucket of log_buckets.
  void add(std::size_t bucket, std::uint64_t count) noexcept;

  struct counts;

 private:
  std::unique_ptr<counts, void (*)(counts*)> counts_;  // all zero after clear(); made by add()
  std::uint64_t window_count_ = 0;
  std::uint64_t count_ = 0;
  double sum_ = 0;
  bool saw_negative_ = false;
};

/// floor(q * last) for the ranks 0 … last, exactly also where a double cannot hold `last`.
/// REQUIRES: 0 <= q <= 1.
std::uint64_t nearest_rank(double q, std::uint64_t last) noexcept;

}  // namespace stele::core
