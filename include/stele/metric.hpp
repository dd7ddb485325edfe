// metric.hpp: from a row of a table to its instrument.
//
// The generated header ends in `metric<"name">`, whose type is instrument<row>: the counter, gauge,
// histogram, summary, stateset or info that the row's type calls for, or, where the row has labels,
// the family whose with() gives one. An info row takes its labels itself.
//
//   metric<"jobs_done_total">.inc();                              // a counter
//   auto sent = metric<"bytes_sent_total">.with({.peer = name});  // a series of a family, to keep
//   sent.inc(size);
//   metric<"bytes_sent_total">.remove({.peer = name});            // ends the series
//
// Threads: every method may be called from any thread at any time.

#pragma once

#include <type_traits>
#include <utility>

#include "counter.hpp"
#include "gauge.hpp"
#include "histogram.hpp"
#include "info.hpp"
#include "label.hpp"
#include "reading.hpp"
#include "stateset.hpp"
#include "summary.hpp"
#include "table.hpp"
#include "wrong_call.hpp"

namespace stele {

namespace detail {

template <class Row, class Series, metric_type Type = Row::about.type>
struct instrument_over;
template <class Row, class Series>
struct instrument_over<Row, Series, metric_type::counter> {
  using type = counter<Row, Series>;
};
template <class Row, class Series>
struct instrument_over<Row, Series, metric_type::gauge> {
  using type = gauge<Row, Series>;
};
template <class Row, class Series>
struct instrument_over<Row, Series, metric_type::histogram> {
  using type = histogram<Row, Series>;
};
template <class Row, class Series>
struct instrument_over<Row, Series, metric_type::summary> {
  using type = summary<Row, Series>;
};
template <class Row, class Series>
struct instrument_over<Row, Series, metric_type::stateset> {
  using type = stateset<Row, Series>;
};
template <class Row, class Series>
struct instrument_over<Row, Series, metric_type::info> {
  using type = info<Row>;
};

}  // namespace detail

/// A row with labels. Threads: all methods may be called from any thread; with() takes no lock
/// where the calling thread has used the series before.
template <class Row>
class family : public calls_before_with<Row> {
 public:
  using row = Row;
  using series_type = std::conditional_t<Row::about.closed(), closed_series<Row>, open_series<Row>>;
  using instrument_type = typename detail::instrument_over<Row, series_type>::type;

  /// The instrument of one series, which may be kept, and used from any thread. It does not refer
  /// to the strings in `labels`. A label value that the table does not allow gives an instrument
  /// whose updates are refused and counted.
  [[nodiscard]] instrument_type with(typename Row::labels const& labels) const noexcept {
    use_row<Row>();
    if constexpr (!instruments_enabled) {
      return instrument_type(series_type{});
    } else if constexpr (Row::about.closed()) {
      return instrument_type(series_type{closed_series_index(labels)});
    } else {
      using handle = open_handle<typename Row::table>;
      return instrument_type(series_type{handle(detail::find_block<Row>(label_texts(labels)))});
    }
  }

  /// Feeds the row from `callback` at scrape time instead; see reading.hpp. It gives the whole set:
  /// while the reading lives, what it adds at a scrape is what that scrape shows, and the row's own
  /// series and readings of one series are not shown.
  template <class Callback>
  reading read_from(Callback callback) const {
    use_row<Row>();
    return detail::add_set_reading<Row>(std::move(callback));
  }

  // What follows sets the row up and updates nothing: a row on which a program makes no other call
  // is not exposed.

  /// Ends one series, and returns whether there was one. The next update of it, through whichever
  /// instrument, starts it anew at 0, and is counted.
  bool remove(typename Row::labels const& labels) const noexcept {
    use_open_row();
    auto const texts = label_texts(labels);
    if (any_refused<Row>(texts)) return false;
    return core::remove_series(link_of<typename Row::table>, Row::index, texts.data(),
                               texts.size());
  }

  /// Ends all series, as remove() does, and returns how many there were.
  std::size_t clear() const noexcept {
    use_open_row();
    return core::clear_series(link_of<typename Row::table>, Row::index);
  }

  /// How many series the row has at most: at first open_series_max. Where a new one would be one
  /// too many, its label with the most values becomes `__overflow__`. A negative count is 0.
  template <class Count>
  void limit_series(Count count) const noexcept {
    use_open_row();
    static_assert(std::is_integral_v<Count> || call_on<Row>::exists,
                  "limit_series() requires a whole number; use limit_series(1'000)");
    core::set_series_max(link_of<typename Row::table>, Row::index,
                         count > 0 ? static_cast<std::size_t>(count) : 0);
  }

  /// Ends series that were not updated for this long, as remove() does: at a gather, and where the
  /// row is full. 0 or less is never, which it is at first.
  template <class Duration>
  void expire_after(Duration idle) const noexcept {
    use_open_row();
    static_assert(duration<Duration> || call_on<Row>::exists,
                  "expire_after() requires a std::chrono::duration; use expire_after(30min)");
    if constexpr (duration<Duration>)
      core::set_expiry(link_of<typename Row::table>, Row::index, to_nanoseconds(idle));
  }

 private:
  static void use_open_row() noexcept {
    use_row<Row>();
    static_assert(!Row::about.closed() || call_on<Row>::exists,
                  "remove(), clear(), limit_series() and expire_after() require a row with an open "
                  "label; this row's labels are all closed: its series are there from the start, "
                  "and stay");
  }
};

namespace detail {

template <class Row,
          bool Labelled = !Row::about.labels.empty() && Row::about.type != metric_type::info>
struct instrument_of {
  using type = family<Row>;
};
template <class Row>
struct instrument_of<Row, false> {
  using type = typename instrument_over<Row, unlabelled<Row>>::type;
};

}  // namespace detail

/// The instrument of a row, for whoever feeds it.
template <class Row>
using row_instrument = typename detail::instrument_of<Row>::type;

/// The instrument of a row that the service feeds. A row that somebody else feeds, or nobody,
/// does not compile.
template <class Row>
class instrument : public row_instrument<Row> {
  static_assert(Row::about.source != source::absent,
                "an update requires a row that is fed; the table's Source says 'absent' for this "
                "row: change its Source to 'service', or do not use it");
  static_assert(Row::about.source != source::sdk,
                "an update requires a row that the service feeds; the table's Source says 'sdk' "
                "for this row: Stele feeds it itself");
};

/// Carries the name that was asked for, and the closest row, into the compiler's message.
template <fixed_string Name, class DidYouMean>
struct no_metric_named {
  static constexpr bool in_table = false;
};

/// A name that is not in the table. The constructor asserts, not the class: after an assertion in a
/// class Clang takes the class as broken, and each call on it is one more error.
template <class Table, fixed_string Name>
class instrument<unknown_row<Table, Name>> : public any_call {
 public:
  constexpr instrument() noexcept {
    static_assert(no_metric_named<Name, typename unknown_row<Table, Name>::did_you_mean>::in_table,
                  "metric<\"…\"> requires a name from the table; the name asked for and the "
                  "closest row stand beside this message: correct the name, or add a row to the "
                  "table");
  }
};

}  // namespace stele
