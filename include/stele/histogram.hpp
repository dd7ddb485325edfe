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
#include "series.hpp"
#include "series_instrument.hpp"
#include "timer.hpp"

namespace stele {

namespace core {

/// Counts a value in a cell of a row with native buckets. False where there was no memory for
/// them: nothing is counted then. REQUIRES: bucket <= number of bounds; only the owner calls.
STELE_API bool observe_native(descriptor const& row, std::byte* cell, double value,
                              std::size_t bucket) noexcept;

}  // namespace core

template <class Row, class Series = unlabelled<Row>>
class histogram : public series_instrument<Row, Series> {
  using base = series_instrument<Row, Series>;

 public:
  using base::base;

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
      base::refuse();
  }

  /// The same, with an exemplar of what was observed; see exemplar.hpp.
  template <class Value>
  void observe(Value value, exemplar_labels exemplar) const noexcept {
    observe(value);
    double const number = static_cast<double>(to_number<Row>(value));
    if (takes(number)) series_.put_exemplar({bucket_of(number), number}, exemplar);
  }

  /// Observes how long the returned object lives.
  [[nodiscard]] timer<histogram> time() const noexcept { return timer<histogram>(*this); }

 private:
  using base::series_;

  static constexpr double lowest =
      Row::about.has_negative_bound() ? std::numeric_limits<double>::lowest() : 0;

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
};

}  // namespace stele
