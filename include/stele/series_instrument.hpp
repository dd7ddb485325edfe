// series_instrument.hpp: what the instruments of one series have in common.
//
//   template <class Row, class Series = unlabelled<Row>>
//   class counter : public series_instrument<Row, Series> { … };
//
//   auto length = metric<"queue_length">.read_from([&] { return queue.size(); });
//
// Threads: an instrument is a handle of its series: it may be copied, kept, and used from any
// thread.

#pragma once

#include <utility>

#include "reading.hpp"
#include "slab.hpp"
#include "wrong_call.hpp"

namespace stele {

template <class Row, class Series>
class series_instrument : public wrong_calls<Row> {
 public:
  using row = Row;

  constexpr series_instrument() = default;
  constexpr explicit series_instrument(Series series) noexcept : series_(std::move(series)) {}

  /// Feeds the series from `callback` at scrape time instead; see reading.hpp. What it returns for
  /// a counter or a histogram must not fall. When the reading ends, what updates had counted is
  /// shown again, which Prometheus takes for a reset where it is lower.
  template <class Callback>
  reading read_from(Callback callback) const {
    use_row<Row>();
    return detail::add_reading<Row>(series_, std::move(callback));
  }

  [[nodiscard]] constexpr Series const& series() const noexcept { return series_; }

 protected:
  static void refuse() noexcept { core::refuse(link_of<typename Row::table>, Row::index); }

  [[no_unique_address]] Series series_{};
};

}  // namespace stele
