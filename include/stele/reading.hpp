// reading.hpp: callbacks that feed a row at scrape time: one value, a labelled set, a histogram.
//
//   auto length = metric<"queue_length">.read_from([&] { return queue.size(); });
//   auto jobs = metric<"jobs_current">.read_from([&](auto& samples) {
//     for (auto const& each : pools) samples.add({.provisioner = each.name}, each.busy);
//   });
//
// Threads: callbacks run one after the other on a thread of the library, with no lock of Stele's
// held. One that is slow or stuck is left to its call on that thread, and another thread asks the
// rest: then, and only then, callbacks run beside each other. The end of the returned object waits
// for a running call, except from inside it; after it no call is made, and what the callback
// captured is gone. A callback that throws, or does not end before the gather's deadline, leaves
// its series out of that scrape, and is counted as refused; so is a value that the row cannot have.

#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <new>
#include <span>
#include <type_traits>
#include <utility>

#include "label.hpp"
#include "quantity.hpp"
#include "slab.hpp"
#include "wrong_call.hpp"

namespace stele {

/// One number as it is exposed: integers exactly, doubles in their shortest form.
struct number {
  enum class kind : std::uint8_t { unsigned_integer, signed_integer, floating };
  kind is = kind::unsigned_integer;
  std::uint64_t bits = 0;  // of the std::uint64_t, std::int64_t or double

  template <class Value>
  static constexpr number of(Value value) noexcept {
    if constexpr (std::is_floating_point_v<Value>)
      return {kind::floating, std::bit_cast<std::uint64_t>(static_cast<double>(value))};
    else if constexpr (std::is_signed_v<Value>)
      return {kind::signed_integer, static_cast<std::uint64_t>(static_cast<std::int64_t>(value))};
    else
      return {kind::unsigned_integer, static_cast<std::uint64_t>(value)};
  }

  /// Whether a counter may have it: a finite number, not negative.
  [[nodiscard]] constexpr bool counts() const noexcept {
    if (is == kind::unsigned_integer) return true;
    if (is == kind::signed_integer) return static_cast<std::int64_t>(bits) >= 0;
    double const value = std::bit_cast<double>(bits);
    return value >= 0 && value <= std::numeric_limits<double>::max();
  }
};

/// A histogram that something else has counted, for a row with as many buckets:
///
///   stele::histogram_reading{{3, 1, 0}, 4.5}      // of a row with two bounds
///
/// `buckets` are not cumulative: one for each of the row's bounds, in their order, then +Inf's.
/// `sum` is in the row's unit. Any type with these two members will do; its `buckets` are then an
/// array, a vector or a span of std::uint64_t.
template <std::size_t Buckets>
struct histogram_reading {
  std::array<std::uint64_t, Buckets> buckets{};
  double sum = 0;
};
template <std::size_t Buckets>
histogram_reading(std::uint64_t const (&)[Buckets], double) -> histogram_reading<Buckets>;

/// Values that are at hand at scrape time, counted into the buckets of a row.
template <class Row>
struct histogram_counts {
  std::array<std::uint64_t, Row::about.bounds.size() + 1> buckets{};
  double sum = 0;

  /// Counts a value in the row's unit. One that the row refuses (a NaN, an infinity, a negative
  /// one without a negative bound) makes the whole reading one that is refused.
  template <class Value>
  constexpr void observe(Value value) noexcept {
    double seen = static_cast<double>(to_number<Row>(value));
    if (seen < 0 && !Row::about.has_negative_bound())
      seen = std::numeric_limits<double>::quiet_NaN();
    std::size_t bucket = 0;
    for (double const bound : Row::about.bounds) bucket += bound < seen ? 1 : 0;
    ++buckets[bucket];
    sum += seen;
  }
};

namespace core {

class sample_list;  // src/core/sample_list.hpp: what one call of a callback gave

/// Adds a value to the list. `labels` are as many as the row has, in its order; null for the one
/// series that a reading of a single series has. What the row cannot have is refused and counted.
STELE_API void add_number(sample_list& to, std::string_view const* labels, number value);
STELE_API void add_histogram(sample_list& to, std::string_view const* labels,
                             std::span<std::uint64_t const> buckets, double sum);

/// A source of values. Owned by the table's state once it has been added.
class STELE_API reader {
 public:
  reader() = default;
  virtual ~reader();
  reader(reader const&) = delete;
  reader& operator=(reader const&) = delete;

  // From malloc, as all memory of the library: a program's operator new may itself count.
  static void* operator new(std::size_t bytes);
  static void* operator new(std::size_t bytes, std::align_val_t alignment);
  static void operator delete(void* memory, std::size_t bytes) noexcept;
  static void operator delete(void* memory, std::size_t bytes, std::align_val_t alignment) noexcept;

  /// Adds what there is at this moment; a series of which there is nothing is left out. May throw:
  /// then all of it is left out, and counted.
  virtual void read(sample_list& to) = 0;
};

/// In place of a series: the reading gives the row's whole set.
inline constexpr std::size_t whole_row = std::numeric_limits<std::size_t>::max() - 1;

/// Who calls a reader: the library's thread for callbacks, or the gather itself, which waits for
/// it; the latter is for the library's own.
enum class asked_by : std::uint8_t { own_thread, gather };

/// Takes `source`; returns its key for remove_reader, 0 (never a key) where the series is refused.
STELE_API std::uint64_t add_reader(table_link& link, std::size_t row, std::size_t series,
                                   reader* source, asked_by by = asked_by::own_thread);
STELE_API void remove_reader(table_link& link, std::uint64_t key) noexcept;

}  // namespace core

/// Keeps a callback registered. Movable; an empty one (moved from) does nothing.
class [[nodiscard]] reading {
 public:
  reading(core::table_link& link, std::uint64_t key) noexcept : link_(&link), key_(key) {}
  reading(reading&& other) noexcept
      : link_(std::exchange(other.link_, nullptr)), key_(other.key_) {}
  reading& operator=(reading&& other) noexcept {
    if (this != &other) {
      stop();
      link_ = std::exchange(other.link_, nullptr);
      key_ = other.key_;
    }
    return *this;
  }
  ~reading() { stop(); }

  /// Unregisters now. Waits for a running call, which a callback that never returns makes forever.
  void stop() noexcept {
    if (auto* link = std::exchange(link_, nullptr)) core::remove_reader(*link, key_);
  }

  /// Leaves the callback registered for the rest of the process, whose end does not wait for it.
  /// What the callback refers to must then never end.
  void keep() noexcept { link_ = nullptr; }

 private:
  core::table_link* link_;
  std::uint64_t key_;
};

namespace detail {

template <class Value>
concept histogram_like = requires(Value const& value) {
  std::span<std::uint64_t const>(value.buckets);
  static_cast<double>(value.sum);
};

template <class Array>
inline constexpr std::size_t array_size = 0;
template <class Value, std::size_t Size>
inline constexpr std::size_t array_size<std::array<Value, Size>> = Size;

/// Carries the row and what was given into the compiler's message.
template <class Row, class Given>
struct reading_of {
  static constexpr bool fits = false;
};

template <class Row, class Value>
void add_sample(core::sample_list& to, std::string_view const* labels, Value const& value) {
  if constexpr (Row::about.type == metric_type::histogram) {
    static_assert(histogram_like<Value> || reading_of<Row, Value>::fits,
                  "a reading of a histogram requires its buckets and sum: give a "
                  "stele::histogram_reading{{count, …}, sum}, or a type with the members `buckets` "
                  "(an array, vector or span of std::uint64_t) and `sum`");
    if constexpr (histogram_like<Value>) {
      constexpr std::size_t size = array_size<std::remove_cvref_t<decltype(value.buckets)>>;
      static_assert(
          size == 0 || size == Row::about.bounds.size() + 1 || reading_of<Row, Value>::fits,
          "a reading of a histogram requires a bucket for each of the row's bounds and "
          "one more, for +Inf: give as many");
      core::add_histogram(to, labels, value.buckets, static_cast<double>(value.sum));
    }
  } else {
    core::add_number(to, labels, number::of(to_cell_number<Row>(value)));
  }
}

template <class Callback>
concept gives_a_value = requires(Callback& callback) { callback(); };
template <class Callback, class Argument>
concept takes = requires(Callback& callback, Argument& argument) { callback(argument); };

}  // namespace detail

/// What a callback adds a labelled row's series to.
template <class Row>
class samples {
 public:
  explicit samples(core::sample_list& to) noexcept : to_(to) {}

  /// Adds a series. Refused and counted are: label values that are not in a closed set, a series
  /// that this call has already added, one past the row's bound (see limit_series()), a value that
  /// the row's type cannot have. Throws std::bad_alloc.
  template <class Value>
  void add(typename Row::labels const& labels, Value const& value) {
    auto const texts = label_texts(labels);
    detail::add_sample<Row>(to_, texts.data(), value);
  }

  /// Buckets for values that are at hand: auto sizes = samples.histogram(); sizes.observe(…);
  /// samples.add({…}, sizes).
  [[nodiscard]] static constexpr histogram_counts<Row> histogram() noexcept { return {}; }

 private:
  core::sample_list& to_;
};

namespace core {

template <class Row, class Callback>
class value_callback final : public reader {
 public:
  explicit value_callback(Callback callback) : callback_(std::move(callback)) {}
  void read(sample_list& to) override {
    if constexpr (detail::gives_a_value<Callback>) {
      detail::add_sample<Row>(to, nullptr, callback_());
    } else {
      histogram_counts<Row> counts;
      callback_(counts);
      detail::add_sample<Row>(to, nullptr, counts);
    }
  }

 private:
  Callback callback_;
};

template <class Row, class Callback>
class set_callback final : public reader {
 public:
  explicit set_callback(Callback callback) : callback_(std::move(callback)) {}
  void read(sample_list& to) override {
    samples<Row> set(to);
    callback_(set);
  }

 private:
  Callback callback_;
};

}  // namespace core

namespace detail {

template <class Row, class Series>
std::size_t reader_index(Series const& series) noexcept {
  if constexpr (requires { series.index; })
    return series.index;
  else
    return 0;
}

template <class Row>
inline constexpr bool takes_readings =
    Row::about.type == metric_type::counter || Row::about.type == metric_type::gauge ||
    Row::about.type == metric_type::histogram;

template <class Row>
constexpr void require_takes_readings() noexcept {
  static_assert(takes_readings<Row> || call_on<Row>::exists,
                "read_from() requires a counter, a gauge or a histogram; a summary's quantiles are "
                "known only from observe(value), a stateset has switch_to(state)");
  static_assert(!Row::about.native() || call_on<Row>::exists,
                "read_from() requires a row without native buckets, since a callback gives classic "
                "ones; take `native` out of the row's Distribution, or observe() the values");
}

/// A reading of one series.
template <class Row, class Series, class Callback>
reading add_reading(Series const& series, Callback callback) {
  auto& link = link_of<typename Row::table>;
  require_takes_readings<Row>();
  constexpr bool builds = Row::about.type == metric_type::histogram && !gives_a_value<Callback> &&
                          takes<Callback, histogram_counts<Row>>;
  static_assert(Row::about.closed() || call_on<Row>::exists,
                "read_from() of one series requires a row without open labels, whose series are "
                "known; feed the row's whole set instead: metric<\"…\">.read_from([&](auto& "
                "samples) { samples.add({.label = value, …}, number); })");
  static_assert(gives_a_value<Callback> || builds || reading_of<Row, Callback>::fits,
                "read_from() requires a callback without parameters that returns the value (of a "
                "histogram: or one that takes the buckets, [&](auto& counts) { "
                "counts.observe(value); }); use read_from([&] { return value; })");
  if constexpr (instruments_enabled && takes_readings<Row> && Row::about.closed() &&
                (gives_a_value<Callback> || builds)) {
    auto* source = new core::value_callback<Row, Callback>(std::move(callback));
    return {link, core::add_reader(link, Row::index, reader_index<Row>(series), source)};
  } else {
    return {link, 0};
  }
}

/// A reading of all series of a labelled row.
template <class Row, class Callback>
reading add_set_reading(Callback callback) {
  auto& link = link_of<typename Row::table>;
  require_takes_readings<Row>();
  if constexpr (takes_readings<Row>) {
    static_assert(takes<Callback, samples<Row>> || reading_of<Row, Callback>::fits,
                  "a row with labels requires with({.label = value, …}) first, which names the "
                  "series, or a callback that gives the whole set: read_from([&](auto& samples) { "
                  "samples.add({.label = value, …}, number); })");
    if constexpr (instruments_enabled && takes<Callback, samples<Row>>) {
      auto* source = new core::set_callback<Row, Callback>(std::move(callback));
      return {link, core::add_reader(link, Row::index, core::whole_row, source)};
    }
  }
  return {link, 0};
}

}  // namespace detail

}  // namespace stele
