// histogram.hpp: a distribution over the buckets that the table states.
//
// A bucket holds the values up to and including its upper bound. A row may have native buckets too,
// or alone: their bounds are powers of 2^(2^-schema), whatever the values are. Threads: every
// method may be called from any thread at any time; an observation is a few adds to the calling
// thread's own cell, which a scrape always sees together.
//
//   metric<"request_latency_ms">.observe(5ms);
//   metric<"response_size_bytes">.observe(body.size());

#pragma once

#include <cstddef>
#include <limits>
#include <utility>

#include "bucket_search.hpp"
#include "quantity.hpp"
#include "reading.hpp"
#include "series.hpp"
#include "timer.hpp"
#include "wrong_call.hpp"

namespace stele {

namespace core {

/// Counts a value in a cell of a row with native buckets. False where there was no memory for
/// them: nothing is counted then. REQUIRES: bucket <= number of bounds; only the owner calls.
STELE_API bool observe_native(descriptor const& row, std::byte* cell, double value,
                              std::size_t bucket) noexcept;

}  // namespace core

template <class Row, class Series = unlabelled<Row>>
class histogram : public no_inc<Row>, public no_set<Row>, public no_with<Row> {
 public:
  using row = Row;

  constexpr histogram() = default;
  constexpr explicit histogram(Series series) noexcept : series_(std::move(series)) {}

  /// Counts a value in the row's unit. NaN and infinities are refused and counted; so is a
  /// negative value, unless the row has a negative bound. A row with native buckets alone takes
  /// any value.
  template <class Value>
  void observe(Value value) const noexcept {
    use_row<Row>();
    double const number = static_cast<double>(to_number<Row>(value));
    if constexpr (!instruments_enabled) return;
    if (takes(number)) [[likely]]
      series_.update(observation{number, bucket_of(number)});
    else
      core::refuse(link_of<typename Row::table>, Row::index);
  }

  /// The same, with an exemplar of what was observed; see exemplar.hpp.
  template <class Value>
  void observe(Value value, exemplar_labels exemplar) const noexcept {
    observe(value);
    double const number = static_cast<double>(to_number<Row>(value));
    if (takes(number)) series_.put_exemplar({bucket_of(number), number}, exemplar);
  }

  /// Observes how long the returned object lives.
  [[nodiscard]] timer<histogram> time() const noexcept {
    static_assert(is_time_unit<Row::about.unit> || call_on<Row>::exists,
                  "time() requires a row whose unit is a time; use observe() with a number");
    return timer<histogram>(*this);
  }

  /// Feeds the series from `callback` at scrape time instead; see reading.hpp. It returns a
  /// histogram_reading, or takes the buckets: read_from([&](auto& counts) { counts.observe(3); }).
  /// What it gives must not fall.
  template <class Callback>
  reading read_from(Callback callback) const {
    use_row<Row>();
    return detail::add_reading<Row>(series_, std::move(callback));
  }

  [[nodiscard]] constexpr Series const& series() const noexcept { return series_; }

 private:
  static constexpr double lowest = !Row::about.bounds.empty() && Row::about.bounds.front() < 0
                                       ? std::numeric_limits<double>::lowest()
                                       : 0;

  struct observation {
    double value;
    std::size_t bucket;

    [[gnu::always_inline]] bool operator()(std::byte* cell) const noexcept {
      if constexpr (Row::about.native())
        return core::observe_native(Row::about, cell, value, bucket);
      reinterpret_cast<histogram_cell*>(cell)->observe(value, bucket);
      return true;
    }
    [[nodiscard]] core::exemplar_point point() const noexcept { return {bucket, value}; }
  };

  static constexpr bool takes(double value) noexcept {
    return native_alone || (value >= lowest && value <= std::numeric_limits<double>::max());
  }

  static constexpr bool native_alone = Row::about.native() && Row::about.bounds.empty();
  static constexpr bucket_search<Row::about.bounds.size()> bucket_of{Row::about.bounds};

  [[no_unique_address]] Series series_{};
};

}  // namespace stele
