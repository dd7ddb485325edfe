// sketch.hpp: one thread's part of a summary: logarithmic buckets over a sliding window.
//
// A value falls into one of 64 equal parts of its power of two, so that the middle of its bucket
// is at most 1/128 (0.79 %) away from it. The range is 2^-30 <= |v| < 2^30, which holds 1e-9 to
// 1e9; what is nearer to zero counts as zero, what is farther goes to an end bucket of its sign.
// Sum and count are cumulative and exact; the buckets stand in `slices` slices of the window, of
// which each is emptied by the owner when its turn comes round again.
//
// Threads: one owner observes, any thread reads (see cell.hpp). An observation takes no lock, reads
// no clock, and allocates only where it is the first, or the first negative one. What the time is,
// the caller says as an epoch number; look_due() tells when he should see to it. Between two looks
// observations go to the slice at hand.
//
//   if (!part.observe_quickly(0.25)) part.observe(0.25, epoch);   // the owner
//   part.read_window(epoch, [&](std::size_t bucket, std::uint64_t count) { … });

#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <new>

#include "api.hpp"
#include "cell.hpp"

namespace stele {

/// The map between values and buckets. Buckets are numbered in ascending order of their values:
/// what is below the range, the negatives, zero, the positives, what is above the range.
struct log_buckets {
  static constexpr int parts_log2 = 6;  // 64 parts a power of two
  static constexpr int exponent_min = -30;
  static constexpr int exponent_max = 30;  // exclusive
  static constexpr std::size_t a_sign = std::size_t{exponent_max - exponent_min} << parts_log2;
  static constexpr std::size_t below = 0;
  static constexpr std::size_t zero = below + 1 + a_sign;
  static constexpr std::size_t above = zero + 1 + a_sign;
  static constexpr std::size_t size = above + 1;

  /// The number of a value's part among those of all positive doubles, in ascending order; more
  /// than any of these for negatives.
  static constexpr std::uint64_t part_of(double value) noexcept {
    return std::bit_cast<std::uint64_t>(value) >> shift;
  }
  /// The part with which the range begins; it has a_sign parts.
  static constexpr std::uint64_t lowest_part = std::uint64_t{1023 + exponent_min} << parts_log2;

  /// The bucket of a value. REQUIRES: not NaN.
  static constexpr std::size_t index_of(double value) noexcept {
    bool const negative = value < 0;
    double const magnitude = negative ? -value : value;
    if (magnitude < std::bit_cast<double>(lowest_part << shift)) return zero;
    std::uint64_t const distance = part_of(magnitude) - lowest_part;
    if (distance >= a_sign) return negative ? below : above;
    return negative ? zero - 1 - distance : zero + 1 + distance;
  }

  /// The middle of a bucket. Of the end buckets it is the end of the range: values lie beyond it.
  static constexpr double value_of(std::size_t bucket) noexcept {
    if (bucket == zero) return 0;
    std::uint64_t const distance = bucket > zero ? bucket - zero - 1 : zero - bucket - 1;
    std::uint64_t const half = distance < a_sign ? std::uint64_t{1} << (shift - 1) : 0;
    double const middle = std::bit_cast<double>(((distance + lowest_part) << shift) + half);
    return bucket > zero ? middle : -middle;
  }

 private:
  static constexpr int shift = std::numeric_limits<double>::digits - 1 - parts_log2;
};

/// The buckets of one sign, by distance, in all slices of a window. Memory is there for the whole
/// range, but is touched only between the smallest and the largest distance that was covered, so
/// that no more of it is resident.
class sliced_buckets {
 public:
  static constexpr std::size_t slices = 5;
  /// A count stays at 2^32-1 when it has come there.
  using count = std::atomic<std::uint32_t>;

  sliced_buckets() noexcept {}  // leaves the counts alone

  /// Where a slice's counts begin; the count of a distance stands offset_of(distance) behind it.
  [[nodiscard]] count* begin(std::size_t slice) noexcept { return counts() + slice * group; }
  [[nodiscard]] count const* begin(std::size_t slice) const noexcept {
    return std::launder(reinterpret_cast<count const*>(memory_.data())) + slice * group;
  }
  static constexpr std::size_t offset_of(std::size_t distance) noexcept {
    return distance + (slices - 1) * (distance & ~(group - 1));
  }

  struct range {
    std::uint16_t first, end;  // distances, multiples of `group`
  };
  /// The distances that are covered. Any thread.
  [[nodiscard]] range covered() const noexcept { return range_.load(std::memory_order_acquire); }
  /// Extends the range to a distance, with zeroed counts. The owner only.
  void cover(std::size_t distance) noexcept;
  /// Zeroes a slice. The owner only.
  void clear(std::size_t slice) noexcept;
  /// Adds another's slice to that of the same number. The owner only; `other` is quiet.
  void merge(std::size_t slice, sliced_buckets const& other) noexcept;

  /// Calls add(distance, count) with the non-zero sums over some slices. Any thread.
  template <class Add>
  void read(std::array<bool, slices> const& inside, Add add) const noexcept {
    range const seen = covered();
    for (std::size_t first = seen.first; first < seen.end; first += group) {
      std::array<std::uint64_t, group> sums{};
      for (std::size_t slice = 0; slice < slices; ++slice) {
        if (!inside[slice]) continue;
        count const* const from = begin(slice) + offset_of(first);
        for (std::size_t i = 0; i < group; ++i) sums[i] += from[i].load(std::memory_order_relaxed);
      }
      for (std::size_t i = 0; i < group; ++i)
        if (sums[i] != 0) add(first + i, sums[i]);
    }
  }

 private:
  // A cache line of a slice's counts is followed by those of the other slices, since the same
  // values come in all of them: what is touched is contiguous.
  static constexpr std::size_t group = cache_line_bytes / sizeof(count);

  [[nodiscard]] count* counts() noexcept {
    return std::launder(reinterpret_cast<count*>(memory_.data()));
  }

  std::atomic<range> range_{range{0, 0}};
  static constexpr std::size_t bytes = sizeof(count) * slices * log_buckets::a_sign;
  alignas(cache_line_bytes) std::array<std::byte, bytes> memory_;
};

/// Cumulative totals of a summary.
struct summary_totals {
  std::uint64_t count = 0;
  double sum = 0;
};

/// What a sketch attaches at its first observation.
struct sketch_memory {
  using epoch = std::uint64_t;

  // Buckets that a slice has beside those of the two signs.
  static constexpr std::array lone_buckets{log_buckets::below, log_buckets::zero,
                                           log_buckets::above};
  struct slice {
    std::atomic<epoch> begun{0};  // the epoch whose values it holds
    std::array<std::atomic<std::uint64_t>, lone_buckets.size()> lone{};
  };

  sketch_memory() noexcept {}
  ~sketch_memory();
  sketch_memory(sketch_memory const&) = delete;
  sketch_memory& operator=(sketch_memory const&) = delete;

  epoch present = 0;           // that of the slice at hand
  std::int64_t looked_at = 0;  // nanoseconds
  std::uint32_t looks_apart = 0;
  std::atomic<bool> saw_negative{false};
  std::atomic<std::uint64_t> outside{0};
  std::atomic<sliced_buckets*> negative{nullptr};
  std::array<slice, sliced_buckets::slices> slices{};

  alignas(cache_line_bytes) copy_request request;
  summary_totals copied{};     // the owner's between take() and publish(), else the gather's
  summary_totals last_read{};  // what the last gather or fork read; theirs only

  sliced_buckets positive;
};

/// A thread's observations of one summary series: the cell itself holds what an observation needs.
/// Zeroed memory is one of which nobody has observed anything.
class sketch {
 public:
  static constexpr std::size_t slices = sliced_buckets::slices;
  using epoch = sketch_memory::epoch;
  using totals = summary_totals;

  sketch() noexcept = default;
  ~sketch();
  sketch(sketch const&) = delete;
  sketch& operator=(sketch const&) = delete;

  /// The owner only. False, without an effect, where there is more to do than to count: at the
  /// first value in a slice or beyond the range of its predecessors, at zeros and negatives, and
  /// when a look is due. The check of the range is that of the memory covered.
  [[nodiscard, gnu::always_inline]] bool observe_quickly(double value) noexcept {
    std::uint64_t const sequence = sequence_.now();
    std::uint64_t const distance = log_buckets::part_of(value) - first_;
    if (sequence >= look_at_.load(std::memory_order_relaxed) || distance >= span_) [[unlikely]]
      return false;
    auto& bucket = buckets_[sliced_buckets::offset_of(distance)];
    std::uint32_t const count = bucket.load(std::memory_order_relaxed) + 1;
    if (count == 0) [[unlikely]]
      return false;
    bucket.store(count, std::memory_order_relaxed);
    add_to_totals(sequence, 1, value);
    return true;
  }
  /// The owner only; any value: false if it was refused, because it is not finite or there is no
  /// memory. REQUIRES: epochs never go back.
  bool observe(double value, epoch now) noexcept;

  /// The owner, before an observation: whether look() is due.
  [[nodiscard]] bool look_due() const noexcept {
    return sequence_.now() >= look_at_.load(std::memory_order_relaxed);
  }
  /// Any thread: makes a look due. It is lost on an owner who looks at this very moment.
  void call_owner() noexcept { look_at_.store(0, std::memory_order_relaxed); }
  /// The owner, who has read the clock: answers a gather that waits for a copy, and says when to
  /// look again: after so many observations as came in some 10 ms to 100 ms, or looks_apart_max.
  /// No effect before the first observation.
  void look(std::int64_t nanoseconds) noexcept;
  static constexpr std::uint32_t looks_apart_max = 1024;

  /// Totals that belong together; false if the owner is in mid-update. Any thread.
  [[nodiscard]] bool try_read(totals& read) const noexcept {
    return sequence_.try_read(
        [&](std::uint64_t twice_the_count) { read = {twice_the_count / 2, sum()}; });
  }
  /// The same, also where the owner is in mid-update or never pauses: he is asked for a copy, and
  /// where none comes within a bounded time, these are the totals that the last gather read. One
  /// gather at a time.
  [[nodiscard]] totals read() noexcept;

  /// The last answer of read(), refreshed unless the owner is in mid-update. The same.
  bool try_refresh() noexcept;
  [[nodiscard]] totals last_read() const noexcept;

  /// Has the owner copy the totals to `copied` at its next observation; false where it has not
  /// within a bounded time. One gather at a time.
  [[nodiscard]] bool ask_owner(totals& copied) noexcept;

  /// Has the owner copy the totals before each observation, for the time of a fork; see
  /// copy_request.
  void begin_copies() noexcept;
  [[nodiscard]] bool has_copies() const noexcept;
  void end_copies() noexcept;

  /// Whether a negative value was ever observed, so that the sum may have fallen. Any thread.
  [[nodiscard]] bool saw_negative() const noexcept {
    auto const* const memory = memory_.load(std::memory_order_acquire);
    return memory != nullptr && memory->saw_negative.load(std::memory_order_relaxed);
  }
  /// How many values lay outside the range, in which the error is bounded; zeros do not. Any
  /// thread.
  [[nodiscard]] std::uint64_t outside() const noexcept {
    auto const* const memory = memory_.load(std::memory_order_acquire);
    return memory == nullptr ? 0 : memory->outside.load(std::memory_order_relaxed);
  }

  /// Calls add(bucket, count) with what the window that ends with epoch `now` holds; a bucket may
  /// come twice. Any thread. A value that is observed at the same time may be in or out.
  template <class Add>
  void read_window(epoch now, Add add) const noexcept {
    auto const* const memory = memory_.load(std::memory_order_acquire);
    if (memory == nullptr) return;
    std::array<bool, slices> inside{};
    for (std::size_t i = 0; i < slices; ++i) {
      auto const& slice = memory->slices[i];
      epoch const begun = slice.begun.load(std::memory_order_acquire);
      inside[i] = begun != 0 && begun <= now && now - begun < slices;
      for (std::size_t j = 0; inside[i] && j < slice.lone.size(); ++j)
        if (auto const seen = slice.lone[j].load(std::memory_order_relaxed); seen != 0)
          add(sketch_memory::lone_buckets[j], seen);
    }
    memory->positive.read(inside, [&](std::size_t distance, std::uint64_t count) {
      add(log_buckets::zero + 1 + distance, count);
    });
    if (auto const* const negative = memory->negative.load(std::memory_order_acquire))
      negative->read(inside, [&](std::size_t distance, std::uint64_t count) {
        add(log_buckets::zero - 1 - distance, count);
      });
  }

  /// Adds another thread's observations, if there is memory where these are the first. The owner
  /// only; `other` is quiet. Where its owner was stopped in mid-update (in the child of a fork),
  /// its totals are those that it copied last, or that were read last.
  void merge(sketch const& other) noexcept;
  /// The same, and empties it: for a thread that ends. Its memory is kept if it is the first.
  void take(sketch& other) noexcept;

 private:
  /// The sequence is twice the count: an update stands for `count` observations.
  void add_to_totals(std::uint64_t now, std::uint64_t count, double amount) noexcept {
    sequence_.begin(now);
    add_in_update(sums_[now & 2], amount);
    sequence_.end(now, count);
  }
  [[nodiscard]] double sum() const noexcept {
    return load_for_copy(sums_[0]) + load_for_copy(sums_[2]);
  }

  sketch_memory* attached() noexcept;
  static void restart(sketch_memory& memory, std::size_t index, epoch now) noexcept;
  static void merge_windows(sketch_memory& to, sketch_memory const& from) noexcept;
  [[nodiscard]] totals settled() const noexcept;
  void find_present(sketch_memory& memory) noexcept;

  update_sequence sequence_;
  // The first and the last in turn, since an addition waits for the one before to the same place;
  // the sum is that of both. Which, a bit of the sequence says as it stands. What is no quick
  // observation brings them together.
  std::array<std::atomic<double>, 3> sums_{};
  std::atomic<std::uint64_t> look_at_{0};     // the sequence at which to look next
  std::uint64_t first_ = 0;                   // the positive parts covered: the first,
  std::uint64_t span_ = 0;                    // their number,
  sliced_buckets::count* buckets_ = nullptr;  // and the first's count in the slice at hand
  std::atomic<sketch_memory*> memory_{nullptr};
};

}  // namespace stele
