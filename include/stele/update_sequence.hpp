// update_sequence.hpp: how a reader knows that several words belong to one update.
//
// A sequence is odd while a writer is between two stores. A reader copies the words and looks at
// the sequence again: the copy counts if no update began or went on meanwhile. Nobody waits for
// anybody.
//
//   std::uint64_t const begun = sequence.begin();
//   store_in_update(sum, 3.0);
//   sequence.end(begun);
//   bool const whole = sequence.try_read([&](std::uint64_t) { copy = load_for_copy(sum); });
//
// Orders: the writer's odd number comes before its stores (a release fence; the number itself is
// relaxed), and these before the even one (release). The reader's loads acquire, so its second look
// at the sequence, relaxed, comes after them, and sees the odd number of every store that it saw.
//
// Threads: one writer at a time, which begin() takes for granted and try_begin() sees to.

#pragma once

#include <atomic>
#include <cstdint>
#include <type_traits>

namespace stele {

#if defined(__SANITIZE_THREAD__)
#define STELE_DETAIL_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define STELE_DETAIL_TSAN 1
#endif
#endif

class update_sequence {
 public:
  /// Twice the number of updates, and one more in the middle of one. The writer only.
  [[nodiscard]] std::uint64_t now() const noexcept {
    return value_.load(std::memory_order_relaxed);
  }

  /// The writer only, with now() where it is known.
  std::uint64_t begin() noexcept { return begin(now()); }
  std::uint64_t begin(std::uint64_t now) noexcept {
    value_.store(now + 1, std::memory_order_relaxed);
    before_stores();
    return now;
  }
  /// Any thread: false, without an effect, where another is in mid-update.
  [[nodiscard]] bool try_begin(std::uint64_t& begun) noexcept {
    begun = now();
    if (begun % 2 != 0 ||
        !value_.compare_exchange_strong(begun, begun + 1, std::memory_order_acquire))
      return false;
    before_stores();
    return true;
  }
  /// `updates` is how many it stands for.
  void end(std::uint64_t begun, std::uint64_t updates = 1) noexcept {
    value_.store(begun + 2 * updates, std::memory_order_release);
  }

  /// As at first. REQUIRES: nobody writes.
  void reset() noexcept { value_.store(0, std::memory_order_release); }

  /// Whether a writer is in mid-update. Any thread.
  [[nodiscard]] bool odd() const noexcept {
    return value_.load(std::memory_order_acquire) % 2 != 0;
  }

  /// Any thread: calls copy(sequence), which reads with load_for_copy(), unless a writer is in
  /// mid-update. False if what was copied does not belong together.
  template <class Copy>
  [[nodiscard]] bool try_read(Copy copy) const noexcept {
    std::uint64_t const before = value_.load(std::memory_order_acquire);
    if (before % 2 != 0) return false;
    copy(before);
    return value_.load(std::memory_order_relaxed) == before;
  }

 private:
  static void before_stores() noexcept {
#if !defined(STELE_DETAIL_TSAN)
    std::atomic_thread_fence(std::memory_order_release);
#endif
  }

  std::atomic<std::uint64_t> value_{};
};

/// Adds to a cell: by a load and a store. Its writer only.
template <class Number>
[[gnu::always_inline]] inline void add_owned(
    std::atomic<Number>& cell, Number amount,
    std::memory_order order = std::memory_order_relaxed) noexcept {
#if defined(__x86_64__) && defined(__GNUC__) && !defined(STELE_DETAIL_TSAN)
  if constexpr (std::is_same_v<Number, double>) {
    // The same two accesses; but those of an atomic double g++ takes through an integer register
    // and back, and the next addition waits for it.
    auto& plain = reinterpret_cast<double volatile&>(cell);
    plain = plain + amount;
    return;
  }
#endif
  cell.store(cell.load(std::memory_order_relaxed) + amount, order);
}

/// How the writer stores between begin() and end(). ThreadSanitizer does not model fences; there
/// the data stores themselves release.
#if defined(STELE_DETAIL_TSAN)
inline constexpr auto store_order = std::memory_order_release;
#else
inline constexpr auto store_order = std::memory_order_relaxed;
#endif
template <class Number>
void store_in_update(std::atomic<Number>& cell, Number value) noexcept {
  cell.store(value, store_order);
}
template <class Number>
void add_in_update(std::atomic<Number>& cell, Number amount) noexcept {
  add_owned(cell, amount, store_order);
}
template <class Number>
[[nodiscard]] Number load_for_copy(std::atomic<Number> const& cell) noexcept {
  return cell.load(std::memory_order_acquire);
}

}  // namespace stele
