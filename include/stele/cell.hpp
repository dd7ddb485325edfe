// cell.hpp: the memory that an update writes and a scrape reads.
//
// All that counts is written by ONE thread, its owner, with a relaxed load and a relaxed store: no
// lock prefix, no retry. Any thread may read. Only a gauge, whose `set` has no owner, is shared.
//
//   stele::counter_cell<std::uint64_t> cell;
//   cell.add(1);                              // the owner alone
//   std::uint64_t seen = cell.read();         // any thread

#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace stele {

inline constexpr std::size_t cache_line_bytes = 64;

#if defined(__SANITIZE_THREAD__)
#define STELE_DETAIL_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define STELE_DETAIL_TSAN 1
#endif
#endif

/// A running total of one thread. Number is std::uint64_t or double.
template <class Number>
class counter_cell {
 public:
  /// The owner only.
  void add(Number amount) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
  }
  /// Any thread. A value that the owner stored, never older than one that this thread saw before.
  [[nodiscard]] Number read() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<Number> value_{};
};

/// A value that every thread may set, alone on its cache line. Number is std::int64_t or double.
template <class Number>
class alignas(cache_line_bytes) gauge_cell {
 public:
  void set(Number value) noexcept { value_.store(value, std::memory_order_relaxed); }
  void add(Number amount) noexcept { value_.fetch_add(amount, std::memory_order_relaxed); }
  [[nodiscard]] Number read() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<Number> value_{};
};

/// A gather's request to the owner of a cell whose parts belong together. An owner that observes
/// without a pause leaves a reader no quiet moment, so it copies the cell itself, once, after its
/// next update.
class copy_request {
 public:
  /// The owner, after each update: whether a copy is wanted. It must then be made and published.
  [[nodiscard]] bool take() noexcept {
    if (!asked_.load(std::memory_order_relaxed)) [[likely]]
      return false;
    return asked_.exchange(false, std::memory_order_acquire);
  }
  void publish() noexcept {
    answers_.store(answers_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  }

  /// One gather at a time: whether a copy came within some 50 microseconds. A request that stays
  /// unanswered, because its owner is between two updates or preempted, stands until it is.
  [[nodiscard]] bool fetch() noexcept {
    if (!outstanding_) {
      seen_ = answers_.load(std::memory_order_relaxed);
      outstanding_ = true;
      asked_.store(true, std::memory_order_release);
    }
    for (int i = 0; i < spins_max; ++i) {
      if (answers_.load(std::memory_order_acquire) != seen_) {
        outstanding_ = false;
        return true;
      }
    }
    return false;
  }

 private:
  static constexpr int spins_max = 50'000;

  std::atomic<bool> asked_{false};
  bool outstanding_ = false;  // the gather's
  std::atomic<std::uint32_t> answers_{0};
  std::uint32_t seen_ = 0;  // the gather's
};

/// One thread's buckets and sum of a classic histogram. The buckets stand behind the object in the
/// same memory, one more than the row has bounds; buckets are not cumulative here. There is no
/// count: the count is the sum of the buckets, by construction.
///
/// `sequence` is odd while the owner is between two stores, so that a reader can tell whether the
/// sum and the buckets it copied belong together.
class histogram_cell {
 public:
  /// A copy: the sum, and counts[0 … bounds] behind it. Written by the owner only between take()
  /// and publish().
  struct copy {
    std::size_t bounds;
    double sum;
    std::uint64_t* counts() noexcept { return reinterpret_cast<std::uint64_t*>(this + 1); }
  };

  static constexpr std::size_t bytes(std::size_t bounds) noexcept {
    return sizeof(histogram_cell) + (bounds + 1) * sizeof(std::atomic<std::uint64_t>);
  }

  /// The owner only. REQUIRES: bucket <= number of bounds.
  void observe(double value, std::size_t bucket) noexcept {
    std::uint64_t const sequence = sequence_.load(std::memory_order_relaxed);
    sequence_.store(sequence + 1, std::memory_order_relaxed);
#if defined(STELE_DETAIL_TSAN)
    // ThreadSanitizer does not model fences; there the data stores themselves release.
    constexpr auto order = std::memory_order_release;
#else
    std::atomic_thread_fence(std::memory_order_release);
    constexpr auto order = std::memory_order_relaxed;
#endif
    auto& count = buckets()[bucket];
    count.store(count.load(std::memory_order_relaxed) + 1, order);
    sum_.store(sum_.load(std::memory_order_relaxed) + value, order);
    sequence_.store(sequence + 2, std::memory_order_release);
    if (request_.take()) [[unlikely]]
      write_copy();
  }

  /// Copies the cell to counts[0 … bounds] and sum if the owner is not in the middle of an
  /// update; else returns false and the output is unspecified. Any thread; never waits.
  [[nodiscard]] bool try_read(std::size_t bounds, std::uint64_t* counts,
                              double& sum) const noexcept {
    std::uint64_t const before = sequence_.load(std::memory_order_acquire);
    if (before % 2 != 0) return false;
    for (std::size_t i = 0; i <= bounds; ++i)
      counts[i] = buckets()[i].load(std::memory_order_acquire);
    sum = sum_.load(std::memory_order_acquire);
    return sequence_.load(std::memory_order_relaxed) == before;
  }

  /// Has the owner write to `into`; false where it has not within a bounded time, and may do so
  /// later. One gather at a time, with the same `into` each time.
  [[nodiscard]] bool ask_owner(copy& into) noexcept {
    copy_.store(&into, std::memory_order_relaxed);
    return request_.fetch();
  }

  /// Adds another cell, for a thread that ends. The owner only; `other` is quiet.
  void merge(std::size_t bounds, histogram_cell const& other) noexcept {
    std::uint64_t const sequence = sequence_.load(std::memory_order_relaxed);
    sequence_.store(sequence + 1, std::memory_order_relaxed);
    for (std::size_t i = 0; i <= bounds; ++i)
      buckets()[i].store(buckets()[i].load(std::memory_order_relaxed) +
                             other.buckets()[i].load(std::memory_order_relaxed),
                         std::memory_order_release);
    sum_.store(sum_.load(std::memory_order_relaxed) + other.sum_.load(std::memory_order_relaxed),
               std::memory_order_release);
    sequence_.store(sequence + 2, std::memory_order_release);
  }

 private:
  [[gnu::noinline, gnu::cold]] void write_copy() noexcept {
    copy& into = *copy_.load(std::memory_order_relaxed);
    for (std::size_t i = 0; i <= into.bounds; ++i)
      into.counts()[i] = buckets()[i].load(std::memory_order_relaxed);
    into.sum = sum_.load(std::memory_order_relaxed);
    request_.publish();
  }

  std::atomic<std::uint64_t>* buckets() noexcept {
    return reinterpret_cast<std::atomic<std::uint64_t>*>(this + 1);
  }
  [[nodiscard]] std::atomic<std::uint64_t> const* buckets() const noexcept {
    return reinterpret_cast<std::atomic<std::uint64_t> const*>(this + 1);
  }

  std::atomic<std::uint64_t> sequence_{};
  std::atomic<double> sum_{};
  copy_request request_;
  std::atomic<copy*> copy_{nullptr};
};

class sketch;  // sketch.hpp

/// Where a thread's sketch of a summary is attached at its first observation.
using sketch_cell = std::atomic<sketch*>;

}  // namespace stele
