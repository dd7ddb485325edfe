// sketch.hpp: one thread's part of a summary: logarithmic buckets over a sliding window.
//
// A value falls into one of 64 equal parts of its power of two, so that the middle of its bucket
// is at most 1/128 (0.79 %) away from it. The range is 2^-30 <= |v| < 2^30, which holds 1e-9 to
// 1e9; what is nearer to zero counts as zero, what is larger goes to the last bucket of its sign.
// Sum and count are cumulative and exact; the buckets stand in `slices` slices of the window, of
// which each is emptied by the owner when its turn comes round again.
//
// Threads: one owner observes, any thread reads (see cell.hpp). observe() takes no lock, reads no
// clock and allocates nothing: what the time is, the caller says as an epoch number.

#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "cell.hpp"

namespace stele {

/// The map between values and buckets. Buckets are numbered in ascending order of their values.
struct log_buckets {
  static constexpr int parts_log2 = 6;  // 64 parts a power of two
  static constexpr int exponent_min = -30;
  static constexpr int exponent_max = 30;  // exclusive
  static constexpr std::size_t a_sign = std::size_t{exponent_max - exponent_min} << parts_log2;
  static constexpr std::size_t zero = a_sign;  // negatives below it, positives above
  static constexpr std::size_t size = 2 * a_sign + 1;

  /// The bucket of a value. REQUIRES: not NaN.
  static constexpr std::size_t index_of(double value) noexcept {
    constexpr std::uint64_t sign = std::uint64_t{1} << 63;
    constexpr int shift = std::numeric_limits<double>::digits - 1 - parts_log2;
    constexpr std::uint64_t lowest = std::uint64_t{1023 + exponent_min} << parts_log2;
    std::uint64_t const bits = std::bit_cast<std::uint64_t>(value);
    std::uint64_t const part = (bits & ~sign) >> shift;
    if (part < lowest) return zero;
    std::uint64_t distance = part - lowest;
    if (distance >= a_sign) distance = a_sign - 1;
    return (bits & sign) != 0 ? zero - 1 - distance : zero + 1 + distance;
  }

  /// The middle of a bucket.
  static constexpr double value_of(std::size_t bucket) noexcept {
    if (bucket == zero) return 0;
    constexpr int shift = std::numeric_limits<double>::digits - 1 - parts_log2;
    constexpr std::uint64_t lowest = std::uint64_t{1023 + exponent_min} << parts_log2;
    std::uint64_t const distance = bucket > zero ? bucket - zero - 1 : zero - bucket - 1;
    std::uint64_t const half = std::uint64_t{1} << (shift - 1);
    double const middle = std::bit_cast<double>(((distance + lowest) << shift) + half);
    return bucket > zero ? middle : -middle;
  }
};

/// A thread's observations of one summary series.
class sketch {
 public:
  static constexpr std::size_t slices = 5;
  using epoch = std::uint64_t;

  struct slice {
    std::atomic<epoch> begun{0};  // the epoch whose values it holds
    std::array<std::atomic<std::uint32_t>, log_buckets::size> counts{};
  };

  /// The owner only. REQUIRES: value is finite; epochs never go back.
  void observe(double value, epoch now) noexcept {
    auto const sequence = begin_update();
    slice& current = slices_[now % slices];
    if (current.begun.load(std::memory_order_relaxed) != now) restart(current, now);
    bump(current.counts[log_buckets::index_of(value)], std::uint32_t{1});
    bump(count_, std::uint64_t{1});
    bump(sum_, value);
    if (value < 0) [[unlikely]]
      negative_.store(true, std::memory_order_release);
    end_update(sequence);
    if (request_.take()) [[unlikely]]
      write_copy();
  }

  /// Cumulative totals that belong together; false if the owner is in mid-update. Any thread.
  [[nodiscard]] bool try_read(std::uint64_t& count, double& sum) const noexcept {
    std::uint64_t const before = sequence_.load(std::memory_order_acquire);
    if (before % 2 != 0) return false;
    count = count_.load(std::memory_order_acquire);
    sum = sum_.load(std::memory_order_acquire);
    return sequence_.load(std::memory_order_relaxed) == before;
  }

  /// Cumulative totals. Where the owner never pauses it copies them itself; see copy_request.
  struct totals {
    std::uint64_t count = 0;
    double sum = 0;
  };

  /// Has the owner copy the totals to `copied`; false where it has not within a bounded time. One
  /// gather at a time.
  [[nodiscard]] bool ask_owner(totals& copied) noexcept {
    if (!request_.fetch()) return false;
    copied = copy_;
    return true;
  }

  /// Whether a negative value was ever observed, so that the sum may have fallen. Any thread.
  [[nodiscard]] bool saw_negative() const noexcept {
    return negative_.load(std::memory_order_acquire);
  }

  /// Adds the window that ends with epoch `now` to counts[log_buckets::size]. Any thread. A value
  /// that is observed at the same time may be in or out.
  void read_window(epoch now, std::uint64_t* counts) const noexcept {
    for (slice const& part : slices_) {
      epoch const begun = part.begun.load(std::memory_order_acquire);
      if (begun == 0 || begun + slices <= now || begun > now) continue;
      for (std::size_t i = 0; i < log_buckets::size; ++i)
        counts[i] += part.counts[i].load(std::memory_order_relaxed);
    }
  }

  /// Adds another thread's observations, for a thread that ends. The owner only; `other` is quiet.
  void merge(sketch const& other) noexcept {
    auto const sequence = begin_update();
    for (std::size_t i = 0; i < slices; ++i) {
      slice const& from = other.slices_[i];
      slice& to = slices_[i];
      epoch const theirs = from.begun.load(std::memory_order_relaxed);
      epoch const ours = to.begun.load(std::memory_order_relaxed);
      if (theirs == 0 || theirs < ours) continue;  // older than what this slice holds now
      if (theirs > ours) restart(to, theirs);
      for (std::size_t j = 0; j < log_buckets::size; ++j)
        bump(to.counts[j], from.counts[j].load(std::memory_order_relaxed));
    }
    bump(count_, other.count_.load(std::memory_order_relaxed));
    bump(sum_, other.sum_.load(std::memory_order_relaxed));
    if (other.saw_negative()) negative_.store(true, std::memory_order_release);
    end_update(sequence);
  }

 private:
  template <class Number>
  static void bump(std::atomic<Number>& cell, Number amount) noexcept {
    cell.store(cell.load(std::memory_order_relaxed) + amount, std::memory_order_release);
  }
  [[nodiscard]] std::uint64_t begin_update() noexcept {
    std::uint64_t const sequence = sequence_.load(std::memory_order_relaxed);
    sequence_.store(sequence + 1, std::memory_order_relaxed);
    return sequence;
  }
  void end_update(std::uint64_t sequence) noexcept {
    sequence_.store(sequence + 2, std::memory_order_release);
  }
  [[gnu::noinline, gnu::cold]] void write_copy() noexcept {
    copy_ = {count_.load(std::memory_order_relaxed), sum_.load(std::memory_order_relaxed)};
    request_.publish();
  }
  static void restart(slice& part, epoch now) noexcept {
    part.begun.store(0, std::memory_order_relaxed);
    for (auto& count : part.counts) count.store(0, std::memory_order_relaxed);
    part.begun.store(now, std::memory_order_release);
  }

  std::atomic<std::uint64_t> sequence_{};
  std::atomic<std::uint64_t> count_{};
  std::atomic<double> sum_{};
  std::atomic<bool> negative_{};
  std::array<slice, slices> slices_{};

  copy_request request_;
  totals copy_{};  // the owner's between take() and publish(), else the gather's

 public:
  /// What the last gather read, for one that finds the owner in mid-update. Gathers only.
  totals last_read{};
};

}  // namespace stele
