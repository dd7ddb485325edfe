// descriptor.hpp: what a metric table says of one row, as constexpr data.
//
// Descriptors are made by the table compiler and never change; everything here may be read from
// any thread. All views refer to constants of the generated header.
//
//   constexpr stele::descriptor about{.name = "jobs_total", .type = stele::metric_type::counter,
//                                     .help = "Jobs done."};

#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

namespace stele {

/// The types a table row can have: Prometheus's four, and OpenMetrics' Info and StateSet; and the
/// one that no row has, of what an agent pushes without a type.
enum class metric_type : std::uint8_t {
  counter,
  gauge,
  histogram,
  summary,
  info,
  stateset,
  unknown
};

/// The resolutions that Prometheus has for a native histogram.
inline constexpr int native_schema_min = -4;
inline constexpr int native_schema_max = 8;

/// The native_schema of a row that has no native histogram.
inline constexpr std::int8_t no_native = std::numeric_limits<std::int8_t>::min();

/// The unit in which a row's values are stored and exposed. `none` is a count of things.
enum class unit : std::uint8_t {
  none,
  seconds,
  milliseconds,
  microseconds,
  nanoseconds,
  minutes,
  hours,
  days,
  unix_seconds,  // seconds since 1970-01-01T00:00:00Z: a point in time, not a duration
  bytes,
  ratio,
  percent,
  other,  // a unit that Stele does not convert (`_celsius`, `_volts`); values are doubles
};

/// Who feeds a row.
enum class source : std::uint8_t {
  service,  // the service's own code, through metric<"…">
  sdk,      // Stele itself: process_*, promhttp_*, …
  mapped,   // an opt-in collector that fills the row from the closest thing the process has
  caller,   // the service, from a library of its own choice, as `service`
  absent,   // nobody: the row is documented and never exposed; `absent_reason` says why
};

/// One label of a row. `values` is the closed set in the table's order; an open label has none.
struct label_descriptor {
  std::string_view name;
  std::span<std::string_view const> values{};

  [[nodiscard]] constexpr bool closed() const noexcept { return !values.empty(); }
};

/// One row of a metric table.
struct descriptor {
  std::string_view name;  // as exposed in text 0.0.4, `_total` included
  metric_type type = metric_type::gauge;
  std::string_view help{};  // unescaped
  stele::unit unit = unit::none;
  stele::source source = source::service;
  std::string_view absent_reason{};            // set where source is absent
  std::span<label_descriptor const> labels{};  // in the table's order
  std::span<double const> bounds{};       // histogram: upper bounds, inclusive, ascending; no +Inf
  std::int8_t native_schema = no_native;  // histogram: -4 … 8, the resolution at the start
  std::span<double const> quantiles{};    // summary: 0 <= q <= 1, ascending
  std::span<std::string_view const> states{};  // stateset: 1 to 64, in the table's order
  /// A counter that OpenMetrics cannot carry as a counter under its documented name: the name has
  /// no `_total`, or without `_total` it is another row's. It is exposed there as `unknown`.
  bool openmetrics_unknown = false;

  /// Values of a count or of bytes are integers; of every other unit they are doubles.
  [[nodiscard]] constexpr bool integral() const noexcept {
    return unit == unit::none || unit == unit::bytes;
  }

  /// Whether a histogram has native buckets, beside its bounds or alone.
  [[nodiscard]] constexpr bool native() const noexcept { return native_schema != no_native; }

  /// Whether a histogram takes negative values; its sum may then fall.
  [[nodiscard]] constexpr bool has_negative_bound() const noexcept {
    return !bounds.empty() && bounds.front() < 0;
  }

  /// It adds up from a moment on, which OpenMetrics and protobuf can state.
  [[nodiscard]] constexpr bool has_begin() const noexcept {
    return type == metric_type::counter || type == metric_type::histogram ||
           type == metric_type::summary;
  }

  /// All threads write one cell a series, because a value is set, not added to.
  [[nodiscard]] constexpr bool is_shared() const noexcept { return !has_begin(); }

  /// Every label has a closed set (so has a row without labels): the series are known. An info
  /// row's are not: it shows what it was told to show.
  [[nodiscard]] constexpr bool closed() const noexcept {
    if (type == metric_type::info) return false;
    for (auto const& label : labels)
      if (!label.closed()) return false;
    return true;
  }
};

}  // namespace stele
