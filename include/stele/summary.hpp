// summary.hpp: quantiles over a sliding window, with a relative error of at most 1 %.
//
// The error bound holds for 1e-9 <= |v| <= 1e9, against the lower nearest rank; sum and count are
// cumulative and exact: the sum is that of all values as they are, added up as doubles in two
// parts, which take turns. Farther values are shown as 2^30 or -2^30 (1.07e9), nearer ones as 0.
// The window holds the last 8 to 10 minutes. Threads: every method may be called from any thread;
// an observation takes no lock, and allocates only at a thread's first one on a series, and at its
// first negative one.
//
//   metric<"collect_nanoseconds">.observe(elapsed);

#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

#include "quantity.hpp"
#include "series.hpp"
#include "series_instrument.hpp"
#include "sketch.hpp"
#include "timer.hpp"

namespace stele {

namespace core {

/// Moves every summary's window on, where its time has come. Any thread, as often as it likes;
/// takes locks.
STELE_API void tick_summary_epoch() noexcept;

/// An observation of which the sketch says that it is no ordinary one: looks at the clock, as need
/// be. False where the value was refused.
STELE_API bool observe_slowly(sketch& part, double value) noexcept;

}  // namespace core

template <class Row, class Series = unlabelled<Row>>
class summary : public series_instrument<Row, Series> {
  using base = series_instrument<Row, Series>;

 public:
  using base::base;

  /// Counts a value in the row's unit. NaN and infinities are refused and counted.
  template <class Value>
  void observe(Value value) const noexcept {
    use_row<Row>();
    double const number = static_cast<double>(to_number<Row>(value));
    series_.update([number](std::byte* at) __attribute__((always_inline)) {
      auto& part = *reinterpret_cast<sketch*>(at);
      if (part.observe_quickly(number)) [[likely]]
        return true;
      return core::observe_slowly(part, number);
    });
  }

  /// Observes how long the returned object lives.
  [[nodiscard]] timer<summary> time() const noexcept { return timer<summary>(*this); }

 private:
  using base::series_;
};

}  // namespace stele
