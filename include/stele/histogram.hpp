// histogram.hpp: a distribution over the buckets that the table states.
//
// A bucket holds the values up to and including its upper bound. Threads: every method may be
// called from any thread at any time; an observation is two adds to the calling thread's own cell,
// which a scrape always sees together.
//
//   metric<"request_latency_ms">.observe(5ms);
//   metric<"response_size_bytes">.observe(body.size());

#pragma once

#include <cstddef>
#include <limits>
#include <utility>

#include "quantity.hpp"
#include "series.hpp"
#include "timer.hpp"
#include "wrong_call.hpp"

namespace stele {

template <class Row, class Series = unlabelled<Row>>
class histogram : public no_inc<Row>, public no_set<Row>, public no_with<Row> {
 public:
  using row = Row;

  constexpr histogram() = default;
  constexpr explicit histogram(Series series) noexcept : series_(std::move(series)) {}

  /// Counts a value in the row's unit. NaN and infinities are refused and counted; so is a
  /// negative value, unless the row has a negative bound.
  template <class Value>
  void observe(Value value) const noexcept {
    use_row<Row>();
    double const number = static_cast<double>(to_number<Row>(value));
    if constexpr (!instruments_enabled) return;
    if (!(number >= lowest && number <= std::numeric_limits<double>::max())) [[unlikely]] {
      core::refuse(link_of<typename Row::table>, Row::index);
      return;
    }
    series_.update([number, bucket = bucket_of(number)](std::byte* cell) {
      reinterpret_cast<histogram_cell*>(cell)->observe(number, bucket);
    });
  }

  /// Observes how long the returned object lives.
  [[nodiscard]] timer<histogram> time() const noexcept {
    static_assert(is_time_unit<Row::about.unit> || call_on<Row>::exists,
                  "time() requires a row whose unit is a time; use observe() with a number");
    return timer<histogram>(*this);
  }

  [[nodiscard]] constexpr Series const& series() const noexcept { return series_; }

 private:
  static constexpr double lowest = !Row::about.bounds.empty() && Row::about.bounds.front() < 0
                                       ? std::numeric_limits<double>::lowest()
                                       : 0;

  /// The number of bounds below the value: the first bucket whose bound is not below it.
  static constexpr std::size_t bucket_of(double value) noexcept {
    std::size_t bucket = 0;
    for (double const bound : Row::about.bounds) bucket += bound < value ? 1 : 0;
    return bucket;
  }

  [[no_unique_address]] Series series_{};
};

}  // namespace stele
