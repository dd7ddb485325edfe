// summary.hpp: quantiles over a sliding window, with a relative error of at most 1 %.
//
// The error bound holds for 1e-9 <= |v| <= 1e9, against the lower nearest rank; sum and count are
// cumulative and exact. The window holds the last 8 to 10 minutes. Threads: every method may be
// called from any thread; an observation takes no lock, and allocates only at a thread's first one
// on a series.
//
//   metric<"collect_nanoseconds">.observe(elapsed);

#pragma once

#include <atomic>
#include <cstdint>
#include <limits>
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

/// Attaches an empty sketch to a cell. Null where there is no memory.
STELE_API sketch* attach_sketch(sketch_cell& cell) noexcept;

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
    if constexpr (!instruments_enabled) return;
    constexpr double highest = std::numeric_limits<double>::max();
    if (!(number >= -highest && number <= highest)) [[unlikely]] {
      core::refuse(link_of<typename Row::table>, Row::index);
      return;
    }
    series_.update([number](std::byte* at) {
      auto& cell = *reinterpret_cast<sketch_cell*>(at);
      sketch* part = cell.load(std::memory_order_relaxed);
      if (part == nullptr) [[unlikely]]
        part = core::attach_sketch(cell);
      if (part != nullptr) [[likely]]
        part->observe(number, core::summary_epoch.load(std::memory_order_relaxed));
      else
        core::refuse(link_of<typename Row::table>, Row::index);
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
