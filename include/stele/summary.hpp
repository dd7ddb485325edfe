// summary.hpp: quantiles over a sliding window, with a relative error of at most 1 %.
//
// The error bound holds for 1e-9 <= |v| <= 1e9, against the lower nearest rank; sum and count are
// cumulative and exact. Farther values are shown as 2^30 or -2^30 (1.07e9), nearer ones as 0. The
// window holds the last 8 to 10 minutes. Threads: every method may be called from any thread; an
// observation takes no lock, and allocates only at a thread's first one on a series, and at its
// first negative one.
//
//   metric<"collect_nanoseconds">.observe(elapsed);

#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

#include "quantity.hpp"
#include "series.hpp"
#include "sketch.hpp"
#include "timer.hpp"
#include "wrong_call.hpp"

namespace stele {

namespace core {

/// The number of the present slice of every summary's window; ticked by the library.
STELE_API extern std::atomic<sketch::epoch> summary_epoch;

/// Moves every summary's window on, where its time has come. Any thread, as often as it likes.
STELE_API void tick_summary_epoch() noexcept;

/// An observation of which the sketch says that it is no ordinary one, or for which there is none
/// yet: attaches the sketch, looks at the clock, as need be. False where the value was refused.
STELE_API bool observe_slowly(sketch_cell& cell, double value) noexcept;

}  // namespace core

template <class Row, class Series = unlabelled<Row>>
class summary : public no_inc<Row>,
                public no_set<Row>,
                public no_with<Row>,
                public no_read_from<Row> {
 public:
  using row = Row;

  constexpr summary() = default;
  constexpr explicit summary(Series series) noexcept : series_(std::move(series)) {}

  /// Counts a value in the row's unit. NaN and infinities are refused and counted.
  template <class Value>
  void observe(Value value) const noexcept {
    use_row<Row>();
    double const number = static_cast<double>(to_number<Row>(value));
    series_.update([number](std::byte* at) __attribute__((always_inline)) {
      auto& cell = *reinterpret_cast<sketch_cell*>(at);
      sketch* const part = cell.load(std::memory_order_relaxed);
      if (part == nullptr ||
          !part->observe_quickly(number, core::summary_epoch.load(std::memory_order_relaxed)))
          [[unlikely]]
        return core::observe_slowly(cell, number);
      return true;
    });
  }

  /// Observes how long the returned object lives.
  [[nodiscard]] timer<summary> time() const noexcept {
    static_assert(is_time_unit<Row::about.unit> || call_on<Row>::exists,
                  "time() requires a row whose unit is a time; use observe() with a number");
    return timer<summary>(*this);
  }

  [[nodiscard]] constexpr Series const& series() const noexcept { return series_; }

 private:
  [[no_unique_address]] Series series_{};
};

}  // namespace stele
