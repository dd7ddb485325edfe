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

#include "api.hpp"
#include "update_sequence.hpp"

namespace stele {

inline constexpr std::size_t cache_line_bytes = 64;

/// A running total of one thread. Number is std::uint64_t or double.
template <class Number>
class counter_cell {
 public:
  /// The owner only.
  void add(Number amount) noexcept { add_owned(value_, amount); }
  /// Any thread, and any signal handler, of a cell that has no owner.
  void add_shared(Number amount) noexcept { value_.fetch_add(amount, std::memory_order_relaxed); }
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

/// A request to the owner of a cell whose parts belong together. An owner that observes without a
/// pause leaves a reader no quiet moment, so it copies the cell itself: once for a gather, after
/// its next update, and after each update while a fork is under way, after which it may be no more.
///
/// Each request has a number, which the owner gives back: a reader knows that no other copy is
/// being made when it sees its own.
class copy_request {
 public:
  using ticket = std::uint32_t;  // 0: none

  /// The owner, after each update: whether to take().
  [[nodiscard]] bool waits() const noexcept { return asked_.load(std::memory_order_relaxed) != 0; }
  /// The owner: what it must answer with a copy, if anything, by publish().
  [[nodiscard]] ticket take() noexcept {
    ticket asked = asked_.load(std::memory_order_acquire);
    while (asked != 0 && !is_lasting(asked) &&
           !asked_.compare_exchange_weak(asked, 0, std::memory_order_acquire)) {
    }
    return asked;
  }
  void publish(ticket answered) noexcept { answered_.store(answered, std::memory_order_release); }
  static constexpr bool is_lasting(ticket asked) noexcept { return (asked & lasting) != 0; }

  /// One gather at a time: whether a copy came within some 50 microseconds. A request that stays
  /// unanswered, because its owner is between two updates or preempted, stands until it is.
  [[nodiscard]] bool fetch() noexcept {
    return fetch([] {});
  }
  /// The same where the owner looks for requests only when it is called.
  template <class Call>
  [[nodiscard]] bool fetch(Call call_owner) noexcept {
    if (!outstanding_) {
      outstanding_ = true;
      asked_.store(next(), std::memory_order_release);
    }
    call_owner();
    for (int i = 0; i < spins_max; ++i) {
      if (answered_.load(std::memory_order_acquire) == last_) {
        outstanding_ = false;
        return true;
      }
    }
    return false;
  }

  /// Has each update copied from here to end_lasting(). No gather meanwhile.
  void begin_lasting() noexcept {
    outstanding_ = false;
    asked_.store(next() | lasting, std::memory_order_release);
  }
  /// Whether a copy came; each later update then has one too.
  [[nodiscard]] bool has_lasting() const noexcept {
    return answered_.load(std::memory_order_acquire) == (last_ | lasting);
  }
  void end_lasting() noexcept { asked_.store(0, std::memory_order_relaxed); }

 private:
  static constexpr int spins_max = 50'000;
  static constexpr ticket lasting = ticket{1} << 31;

  ticket next() noexcept { return last_ = last_ % (lasting - 1) + 1; }

  std::atomic<ticket> asked_{0};
  std::atomic<ticket> answered_{0};
  ticket last_ = 0;           // the reader's
  bool outstanding_ = false;  // the reader's
};

class native_half;  // src/core/native_cell.hpp

/// One thread's native buckets of a histogram, but for the buckets themselves: they are attached, a
/// sign at a time, at the first value that needs them. See src/core/native_cell.hpp.
struct native_cell {
  /// What a gather keeps, or an owner copies for one; the buckets' copies stand beside the buckets.
  struct copy {
    std::int64_t schema;
    std::uint64_t zero_count;
  };

  std::atomic<std::int64_t> schema{};
  std::atomic<std::uint64_t> zero_count{};
  std::atomic<native_half*> halves[2]{};  // positive, negative; each null until it is needed
  copy last_read{};                       // gathers only
  copy owners_copy{};                     // the owner's between take() and publish()
};

/// One thread's part of a histogram: the sum, and the buckets of the table's bounds, which stand
/// behind the object in the same memory, one more than the row has bounds; they are not cumulative
/// here. There is no count: the count is the sum of these buckets, by construction. Behind them
/// stands the native_cell of a row that has native buckets.
class histogram_cell {
 public:
  /// A copy: the sum, and counts[0 … bounds] behind it. Written by the owner only between take()
  /// and publish().
  struct copy {
    std::uint32_t bounds;
    bool with_native;
    double sum;
    std::uint64_t* counts() noexcept { return reinterpret_cast<std::uint64_t*>(this + 1); }
  };

  static constexpr std::size_t bytes(std::size_t bounds, bool with_native) noexcept {
    return sizeof(histogram_cell) + (bounds + 1) * sizeof(std::atomic<std::uint64_t>) +
           (with_native ? sizeof(native_cell) : 0);
  }

  /// The owner only. REQUIRES: bucket <= number of bounds.
  void observe(double value, std::size_t bucket) noexcept {
    update(value, bucket, [] {});
  }

  /// The same, and one more store or more, by more(), that belong to the update.
  template <class More>
  [[gnu::always_inline]] void update(double value, std::size_t bucket, More more) noexcept {
    std::uint64_t const begun = sequence_.begin();
    add_in_update(buckets()[bucket], std::uint64_t{1});
    add_in_update(sum_, value);
    more();
    sequence_.end(begun);
    if (request_.waits()) [[unlikely]]
      write_copy();
  }

  /// Copies the cell to counts[0 … bounds] and sum, and calls more() to copy what else belongs to
  /// it, if the owner is not in the middle of an update; else returns false and the output is
  /// unspecified. Any thread; never waits.
  template <class More>
  [[nodiscard]] bool try_read(std::size_t bounds, std::uint64_t* counts, double& sum,
                              More more) const noexcept {
    return sequence_.try_read([&](std::uint64_t) {
      for (std::size_t i = 0; i <= bounds; ++i) counts[i] = load_for_copy(buckets()[i]);
      sum = load_for_copy(sum_);
      more();
    });
  }

  /// Has the owner write to `into`, and to the copies in its native_cell; false where it has not
  /// within a bounded time, and may do so later. One gather at a time, with the same `into` each
  /// time.
  [[nodiscard]] bool ask_owner(copy& into) noexcept {
    copy_.store(&into, std::memory_order_relaxed);
    return request_.fetch();
  }

  /// Has the owner write to `into` after each update, for the time of a fork; see copy_request.
  void begin_copies(copy& into) noexcept {
    copy_.store(&into, std::memory_order_relaxed);
    request_.begin_lasting();
  }
  [[nodiscard]] bool has_copies() const noexcept { return request_.has_lasting(); }
  void end_copies() noexcept { request_.end_lasting(); }

  /// Whether the owner is in mid-update. Any thread.
  [[nodiscard]] bool in_update() const noexcept { return sequence_.odd(); }

  /// Adds counts[0 … bounds] and a sum, and calls more() to add what else belongs to them, for a
  /// thread that ends. The owner only.
  template <class More>
  void add(std::size_t bounds, std::uint64_t const* counts, double sum, More more) noexcept {
    std::uint64_t const begun = sequence_.begin();
    for (std::size_t i = 0; i <= bounds; ++i) add_in_update(buckets()[i], counts[i]);
    add_in_update(sum_, sum);
    more();
    sequence_.end(begun);
  }

  /// REQUIRES: the row has native buckets.
  [[nodiscard]] native_cell& native(std::size_t bounds) noexcept {
    return *reinterpret_cast<native_cell*>(buckets() + bounds + 1);
  }

 private:
  STELE_API void write_copy() noexcept;

  std::atomic<std::uint64_t>* buckets() noexcept {
    return reinterpret_cast<std::atomic<std::uint64_t>*>(this + 1);
  }
  [[nodiscard]] std::atomic<std::uint64_t> const* buckets() const noexcept {
    return reinterpret_cast<std::atomic<std::uint64_t> const*>(this + 1);
  }

  update_sequence sequence_;
  std::atomic<double> sum_{};
  copy_request request_;
  std::atomic<copy*> copy_{nullptr};
};

}  // namespace stele
