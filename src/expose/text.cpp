#include "expose/text.hpp"

#include <cstdint>
#include <limits>
#include <string_view>

#include "core/label_text.hpp"
#include "expose/numbers.hpp"
#include "stele/naming.hpp"
#include "stele/unit_names.hpp"

namespace stele::exposition {

namespace {

using core::series_data;
using core::snapshot_data;

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

/// HELP text: both formats escape backslash and newline, OpenMetrics the quote too.
void append_help(std::string& out, std::string_view help, bool quote) {
  for (char const c : help) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '\\' || (quote && c == '"')) out += '\\';
    out += c;
  }
}

std::string_view type_name(descriptor const& about, format which) noexcept {
  switch (about.type) {
    case metric_type::counter:
      return which == format::openmetrics && about.openmetrics_unknown ? "unknown" : "counter";
    case metric_type::gauge: return "gauge";
    case metric_type::histogram: return "histogram";
    case metric_type::summary: return "summary";
    case metric_type::info: return which == format::openmetrics ? "info" : "gauge";
    case metric_type::stateset: return which == format::openmetrics ? "stateset" : "gauge";
  }
  return {};
}

/// The name that HELP and TYPE state.
std::string_view family_name(descriptor const& about, format which) noexcept {
  return which == format::openmetrics ? naming::family_name(about) : about.name;
}

template <class Write, class... Value>
void append_number(std::string& out, Write write, Value... value) {
  char digits[number_chars_max];
  out.append(digits, write(digits, value...));
}

/// A double: OpenMetrics wants a point or an exponent in it.
void append_double(std::string& out, double value, format which) {
  append_number(out, which == format::openmetrics ? write_canonical : write_double, value);
}

void append_value(std::string& out, snapshot_data const& values, series_data const& series,
                  format which) {
  std::uint64_t const bits = values.values[series.first_value];
  switch (series.kind) {
    case number::kind::unsigned_integer: return append_number(out, write_unsigned, bits);
    case number::kind::signed_integer:
      return append_number(out, write_signed, static_cast<std::int64_t>(bits));
    case number::kind::floating:
      return append_double(out, values.floating(series.first_value), which);
  }
}

/// `name_suffix{constants,labels} `, or with one more label `name_suffix{labels,extra="bound"} `.
class line_start {
 public:
  line_start(std::string_view name, std::string_view constants, std::string_view labels,
             format which) noexcept
      : name_(name), constants_(constants), labels_(labels), format_(which) {}

  void append(std::string& out, std::string_view suffix) const {
    out.append(name_).append(suffix);
    if (!constants_.empty() || !labels_.empty()) {
      out += '{';
      append_labels(out);
      out += '}';
    }
    out += ' ';
  }

  void append(std::string& out, std::string_view suffix, std::string_view extra,
              double bound) const {
    begin_extra(out, suffix);
    out.append(extra).append("=\"");
    append_double(out, bound, format_);
    out.append("\"} ");
  }

  /// The same with a label whose value is text.
  void append(std::string& out, std::string_view extra, std::string_view text) const {
    begin_extra(out, "");
    core::append_label(out, extra, text);
    out.append("} ");
  }

 private:
  void append_labels(std::string& out) const {
    out.append(constants_);
    if (!constants_.empty() && !labels_.empty()) out += ',';
    out.append(labels_);
  }

  /// All that stands before the extra label.
  void begin_extra(std::string& out, std::string_view suffix) const {
    out.append(name_).append(suffix) += '{';
    append_labels(out);
    if (!constants_.empty() || !labels_.empty()) out += ',';
  }

  std::string_view name_;
  std::string_view constants_;
  std::string_view labels_;
  format format_;
};

/// ` # {trace_id="…"} value timestamp` behind a line, where the value has an exemplar; OpenMetrics
/// alone has them.
class exemplar_cursor {
 public:
  exemplar_cursor(snapshot_data const& values, series_data const& series, format which) noexcept
      : values_(values),
        at_(which == format::openmetrics ? series.first_exemplar : values.exemplars.size()) {}

  /// REQUIRES: called for a series' values in their order.
  void append(std::string& out, std::size_t value) {
    if (at_ == values_.exemplars.size() || values_.exemplars[at_].value != value) return;
    core::exemplar_data const& exemplar = values_.exemplars[at_++];
    out.append(" # {");
    append_labels(out, values_.text_of(exemplar));
    out.append("} ");
    append_number(out, write_canonical, exemplar.of);
    out += ' ';
    append_seconds(out, exemplar.milliseconds);
  }

 private:
  static void append_seconds(std::string& out, std::int64_t milliseconds) {
    append_number(out, write_signed, milliseconds / 1000);
    out += '.';
    for (std::int64_t digit = 100; digit != 0; digit /= 10)
      out += static_cast<char>('0' + milliseconds / digit % 10);
  }

  static void append_labels(std::string& out, std::string_view text) {
    for (bool first = true; !text.empty(); first = false) {
      auto const next = [&text] {
        std::string_view const word = text.substr(0, text.find('\0'));
        text.remove_prefix(word.size() + 1);
        return word;
      };
      if (!first) out += ',';
      std::string_view const name = next();
      core::append_label(out, name, next());
    }
  }

  snapshot_data const& values_;
  std::size_t at_;
};

void append_histogram(std::string& out, snapshot_data const& values, descriptor const& about,
                      series_data const& series, std::string_view constants, format which) {
  line_start const line(about.name, constants, series.labels, which);
  std::size_t const bounds = about.bounds.size();
  std::uint64_t count = 0;
  exemplar_cursor exemplars(values, series, which);
  for (std::size_t i = 0; i <= bounds; ++i) {
    count += values.values[series.first_value + i];
    line.append(out, "_bucket", "le", i == bounds ? infinity : about.bounds[i]);
    append_number(out, write_unsigned, count);
    exemplars.append(out, series.first_value + i);
    out += '\n';
  }
  double const sum = values.floating(series.first_value + bounds + 1);
  // OpenMetrics: a histogram with a negative bound has neither sum nor count, and a sum is neither
  // NaN nor negative; count and sum stand together or not at all.
  if (which == format::openmetrics && (about.has_negative_bound() || !(sum >= 0))) return;
  line.append(out, "_sum");
  append_double(out, sum, which);
  out += '\n';
  line.append(out, "_count");
  append_number(out, write_unsigned, count);
  out += '\n';
}

void append_summary(std::string& out, snapshot_data const& values, descriptor const& about,
                    series_data const& series, std::string_view constants, format which) {
  line_start const line(about.name, constants, series.labels, which);
  std::size_t at = series.first_value;
  // OpenMetrics: neither a quantile nor the sum may be negative; what is, is not shown there.
  bool const only_positive = which == format::openmetrics;
  for (double const quantile : about.quantiles) {
    double const value = values.floating(at++);
    line.append(out, "", "quantile", quantile);
    append_double(out, only_positive && value < 0 ? not_a_number : value, which);
    out += '\n';
  }
  double const sum = values.floating(at++);
  if (!(only_positive && sum < 0)) {
    line.append(out, "_sum");
    append_double(out, sum, which);
    out += '\n';
  }
  line.append(out, "_count");
  append_number(out, write_unsigned, values.values[at]);
  out += '\n';
}

/// A line a state, which its own label names: 1 where it is on.
void append_stateset(std::string& out, snapshot_data const& values, descriptor const& about,
                     series_data const& series, std::string_view constants, format which) {
  line_start const line(about.name, constants, series.labels, which);
  std::uint64_t on = values.values[series.first_value];
  for (std::string_view const state : about.states) {
    line.append(out, about.name, state);
    out += (on & 1) != 0 ? "1\n" : "0\n";
    on >>= 1;
  }
}

}  // namespace

bool has_samples(snapshot_data const& values, core::family_data const& family) noexcept {
  for (std::size_t i = family.first_series; i < family.end_series; ++i)
    if (values.series[i].first_value != snapshot_data::none) return true;
  return false;
}

void append_metadata(std::string& out, descriptor const& about, format which) {
  std::string_view const name = family_name(about, which);
  out.append("# HELP ").append(name).append(" ");
  append_help(out, about.help, which == format::openmetrics);
  out.append("\n# TYPE ").append(name).append(" ").append(type_name(about, which)).append("\n");
  if (which != format::openmetrics || naming::has_no_unit(about.type)) return;
  std::string_view const unit = naming::unit_suffix(name);
  if (!unit.empty()) out.append("# UNIT ").append(name).append(" ").append(unit).append("\n");
}

void append_series(std::string& out, snapshot_data const& values, descriptor const& about,
                   series_data const& series, std::string_view constants, format which) {
  if (series.first_value == snapshot_data::none) return;
  switch (about.type) {
    case metric_type::histogram:
      return append_histogram(out, values, about, series, constants, which);
    case metric_type::summary: return append_summary(out, values, about, series, constants, which);
    case metric_type::stateset:
      return append_stateset(out, values, about, series, constants, which);
    case metric_type::counter:
    case metric_type::gauge:
    case metric_type::info: break;
  }
  line_start(about.name, constants, series.labels, which).append(out, "");
  append_value(out, values, series, which);
  if (!about.openmetrics_unknown)
    exemplar_cursor(values, series, which).append(out, series.first_value);
  out += '\n';
}

}  // namespace stele::exposition
