// testing.hpp: reads instruments in a service's own unit tests.
//
//   stele::testing::delta const sent(metric<"emails_sent_total">);
//   send_email();
//   EXPECT_EQ(sent.value(), 1);
//   EXPECT_EQ(stele::testing::value(metric<"queue_length">), 0);
//   auto const shown = stele::testing::exposes<my::table>("queue_length 0", {"queue_length"});
//   EXPECT_TRUE(shown) << shown.message();
//
// A table's state is one a process, so tests that run in one process share it: compare deltas.
// Threads: any; a value holds what other threads counted before.

#pragma once

#include <algorithm>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "expose.hpp"
#include "metric.hpp"
#include "naming.hpp"
#include "snapshot.hpp"

namespace stele::testing {

/// The native buckets of a histogram's series. Bucket i of schema n counts what was in
/// (2^(2^-n * (i - 1)), 2^(2^-n * i)], and of the negative ones what was in that range below zero;
/// the zero bucket what was at most 2^-128 from zero. Buckets that are empty are not there.
struct native_value {
  using bucket_counts = std::map<int, std::uint64_t>;

  int schema = 0;
  std::uint64_t zero_count = 0;
  bucket_counts positive;
  bucket_counts negative;

  bool operator==(native_value const&) const = default;

  /// Whether all of an earlier value is in this one. It is not where the series was removed in
  /// between, and started anew.
  [[nodiscard]] bool continues(native_value const& before) const {
    return schema <= before.schema && zero_count >= before.zero_count &&
           holds(positive, coarsened(before.positive, before.schema - schema)) &&
           holds(negative, coarsened(before.negative, before.schema - schema));
  }

  /// What was observed between two values of one series, at the later one's schema; all of the
  /// later one where the series started anew in between.
  friend native_value operator-(native_value after, native_value const& before) {
    if (!after.continues(before)) return after;
    after.zero_count -= before.zero_count;
    int const steps = before.schema - after.schema;
    subtract(after.positive, coarsened(before.positive, steps));
    subtract(after.negative, coarsened(before.negative, steps));
    return after;
  }

 private:
  static bucket_counts coarsened(bucket_counts const& of, int steps) {
    bucket_counts result;
    for (auto const& [index, count] : of) result[((index - 1) >> steps) + 1] += count;
    return result;
  }
  static bool holds(bucket_counts const& all, bucket_counts const& part) {
    return std::all_of(part.begin(), part.end(), [&](auto const& each) {
      auto const at = all.find(each.first);
      return at != all.end() && at->second >= each.second;
    });
  }
  static void subtract(bucket_counts& from, bucket_counts const& amounts) {
    for (auto const& [index, count] : amounts)
      if (auto const at = from.find(index); (at->second -= count) == 0) from.erase(at);
  }
};

/// A histogram's series. Buckets are not cumulative; the last one is +Inf's, and in a row without
/// bounds the only one. `native` is that of a row that has native buckets.
struct histogram_value {
  std::uint64_t count = 0;
  double sum = 0;
  std::vector<std::uint64_t> buckets;
  native_value native;

  bool operator==(histogram_value const&) const = default;

  /// What was observed between two values of one series; all of the later one where the series
  /// started anew in between.
  friend histogram_value operator-(histogram_value after, histogram_value const& before) {
    if (!after.continues(before)) return after;
    after.count -= before.count;
    after.sum -= before.sum;
    for (std::size_t i = 0; i < before.buckets.size(); ++i) after.buckets[i] -= before.buckets[i];
    after.native = after.native - before.native;
    return after;
  }

 private:
  [[nodiscard]] bool continues(histogram_value const& before) const {
    return buckets.size() >= before.buckets.size() &&
           std::equal(before.buckets.begin(), before.buckets.end(), buckets.begin(),
                      [](std::uint64_t earlier, std::uint64_t now) { return earlier <= now; }) &&
           native.continues(before.native);
  }
};

/// A summary's series. Quantiles are in the table's order, NaN where the window is empty.
struct summary_value {
  std::uint64_t count = 0;
  double sum = 0;
  std::vector<double> quantiles;

  bool operator==(summary_value const&) const = default;

  /// The count and sum between two values of one series, or the later one's where the series
  /// started anew in between; the quantiles are the later value's, since a window has no
  /// difference.
  friend summary_value operator-(summary_value after, summary_value const& before) {
    if (after.count < before.count) return after;
    after.count -= before.count;
    after.sum -= before.sum;
    return after;
  }
};

namespace detail {

/// The 8-byte values of one series as src/core/snapshot_data.hpp describes them. Empty where the
/// series is left out. `which` is null in a row without open labels.
STELE_API std::vector<std::uint64_t> read_series(core::table_link& link, std::size_t row,
                                                 std::size_t index, core::open_block const* which);

/// The native buckets among the values of one series of a histogram.
STELE_API native_value native_part(descriptor const& row, std::vector<std::uint64_t> const& values);

STELE_API void hold_summary_clock() noexcept;
STELE_API void move_summary_clock(std::int64_t nanoseconds) noexcept;
STELE_API void release_summary_clock() noexcept;

template <class Row, class Series>
std::vector<std::uint64_t> read(Series const& series) {
  use_row<Row>();
  if constexpr (requires { series.handle; })
    return series.handle.made_with() == nullptr  // refused
               ? std::vector<std::uint64_t>()
               : read_series(link_of<typename Row::table>, Row::index, 0,
                             series.handle.made_with());
  else
    return read_series(link_of<typename Row::table>, Row::index,
                       stele::detail::reader_index<Row>(series), nullptr);
}

template <class Number, class Row, class Series>
Number read_number(Series const& series) {
  auto const values = read<Row>(series);
  return values.empty() ? Number{} : std::bit_cast<Number>(values.front());
}

}  // namespace detail

/// The present value of a counter, in the row's unit: std::uint64_t on a row that counts, else
/// double. A series that is fed by read_from() has the callback's value.
template <class Row, class Series>
auto value(counter<Row, Series> const& of) {
  return detail::read_number<typename counter<Row, Series>::number_type, Row>(of.series());
}

/// The present value of a gauge: std::int64_t on a row that counts, else double.
template <class Row, class Series>
auto value(gauge<Row, Series> const& of) {
  return detail::read_number<typename gauge<Row, Series>::number_type, Row>(of.series());
}

template <class Row, class Series>
histogram_value value(histogram<Row, Series> const& of) {
  constexpr std::size_t size = Row::about.bounds.size() + 1;
  histogram_value result;
  result.buckets = detail::read<Row>(of.series());
  if (result.buckets.empty()) return result;
  if constexpr (Row::about.native())
    result.native = detail::native_part(Row::about, result.buckets);
  result.sum = std::bit_cast<double>(result.buckets[size]);
  result.buckets.resize(size);
  for (std::uint64_t const count : result.buckets) result.count += count;
  return result;
}

template <class Row, class Series>
summary_value value(summary<Row, Series> const& of) {
  auto const values = detail::read<Row>(of.series());
  summary_value result;
  if (values.empty()) return result;
  std::size_t const quantiles = values.size() - 2;
  for (std::size_t i = 0; i < quantiles; ++i)
    result.quantiles.push_back(std::bit_cast<double>(values[i]));
  result.sum = std::bit_cast<double>(values[quantiles]);
  result.count = values[quantiles + 1];
  return result;
}

/// The states of a stateset that are on: bit i is the i-th of the row's states.
template <class Row, class Series>
std::uint64_t value(stateset<Row, Series> const& of) {
  return detail::read_number<std::uint64_t, Row>(of.series());
}

/// A row with labels has a value a series.
template <class Row>
int value(family<Row> const&) {
  static_assert(call_on<Row>::exists,
                "value() requires one series; this row has labels: call with({.label = value, …}) "
                "first");
  return 0;
}

/// How many updates of an instrument's row were refused: negative increments, NaN, label values
/// that are not in a closed set.
template <class Instrument>
std::uint64_t refused(Instrument const&) {
  using row = typename Instrument::row;
  return core::refused_count(link_of<typename row::table>, row::index);
}

namespace detail {

/// Of an instrument, or of what is derived from one.
template <class Row, class Series>
constexpr bool is_counter(counter<Row, Series> const*) noexcept {
  return true;
}
constexpr bool is_counter(void const*) noexcept { return false; }

}  // namespace detail

/// By how much an instrument has changed since this object was made. Where what counts is lower
/// now, its series was removed and started anew: all that it has is the change.
template <class Value>
class delta {
 public:
  template <class Instrument>
  explicit delta(Instrument const& of)
      : read_([of] { return testing::value(of); }),
        before_(read_()),
        counts_(detail::is_counter(&of)) {}

  [[nodiscard]] Value value() const {
    Value const now = read_();
    if constexpr (std::is_arithmetic_v<Value>)
      if (counts_ && now < before_) return now;
    return now - before_;
  }

 private:
  std::function<Value()> read_;
  Value before_;
  bool counts_;
};

template <class Instrument>
delta(Instrument const&) -> delta<decltype(testing::value(std::declval<Instrument const&>()))>;

/// Holds the clock of all summaries' windows while it lives, and moves it. It begins with the next
/// slice of the window: what is observed before the first advance() is in the window for 600 s
/// from there, the end not included. When it ends, time goes on from where it was moved to: windows
/// never go back. One at a time.
class summary_clock {
 public:
  summary_clock() noexcept { detail::hold_summary_clock(); }
  ~summary_clock() { detail::release_summary_clock(); }
  summary_clock(summary_clock const&) = delete;
  summary_clock& operator=(summary_clock const&) = delete;

  /// REQUIRES: not negative.
  void advance(std::chrono::nanoseconds time) noexcept {
    detail::move_summary_clock(time.count());
    core::tick_summary_epoch();
  }
};

/// What a scrape of one or more tables would show at this moment.
template <class... Tables>
std::string exposition(format which = format::text) {
  std::string text;
  expose(gather<Tables...>(), which, [&](std::string_view chunk) { text += chunk; });
  return text;
}

/// Whether an exposition is what a test expects; true as a condition if so. For any framework.
class [[nodiscard]] comparison {
 public:
  comparison() = default;  // equal
  explicit comparison(std::string difference) noexcept : message_(std::move(difference)) {}

  explicit operator bool() const noexcept { return message_.empty(); }

  /// The lines that differ, as expected and as seen; empty where none does.
  [[nodiscard]] std::string const& message() const noexcept { return message_; }

 private:
  std::string message_;
};

namespace detail {

/// Families by their names in the exposition; none stands for all.
STELE_API comparison compare_exposition(std::string_view seen, std::string_view expected,
                                        std::vector<std::string_view> const& families);

STELE_API comparison no_such_row(std::string_view name);

template <class Table>
void find_row(std::string_view name, descriptor const*& found) noexcept {
  if (has_row<Table>(name)) found = Table::descriptors[row_index<Table>(name)];
}

}  // namespace detail

/// Compares what a scrape of one or more tables would show with the lines that are expected: all of
/// them, or those of the rows that are named. Where `expected` has no HELP or TYPE line, none is
/// compared. The order of lines does not count, since that of open series is the order of their
/// first use; neither do empty lines, indentation, and `# EOF`.
template <class... Tables>
comparison exposes(std::string_view expected, std::initializer_list<std::string_view> rows = {},
                   format which = format::text) {
  std::vector<std::string_view> families;
  for (std::string_view const name : rows) {
    descriptor const* row = nullptr;
    (detail::find_row<Tables>(name, row), ...);
    if (row == nullptr) return detail::no_such_row(name);
    families.push_back(which == format::openmetrics ? naming::family_name(*row) : row->name);
  }
  return detail::compare_exposition(exposition<Tables...>(which), expected, families);
}

}  // namespace stele::testing
