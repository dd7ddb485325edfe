#include "expose/text.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>

#include "core/label_text.hpp"
#include "expose/numbers.hpp"
#include "stele/enum_names.hpp"
#include "stele/exemplar.hpp"
#include "stele/naming.hpp"
#include "stele/unit_names.hpp"

namespace stele::exposition {

namespace {

using core::snapshot_data;

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

/// ` # {…} value timestamp`: the labels' quotes, escapes and commas at most double their text.
constexpr std::size_t exemplar_bytes_max =
    2 * exemplar_writer::text_max + 2 * number_chars_max + 32;

/// HELP text: both formats escape backslash and newline, OpenMetrics the quote too.
void append_help(chunk_buffer& out, std::string_view help, bool quote) {
  for (;;) {
    std::size_t const end = std::min(help.find_first_of(quote ? "\\\n\"" : "\\\n"), help.size());
    out.append(help.substr(0, end));
    if (end == help.size()) return;
    char const escaped[]{'\\', help[end] == '\n' ? 'n' : help[end]};
    out.append({escaped, 2});
    help.remove_prefix(end + 1);
  }
}

std::string_view type_name(descriptor const& about, format which) noexcept {
  if (which == format::openmetrics)
    return name_of(about.openmetrics_unknown ? metric_type::unknown : about.type);
  switch (about.type) {
    case metric_type::info:
    case metric_type::stateset: return name_of(metric_type::gauge);
    case metric_type::unknown: return "untyped";
    default: return name_of(about.type);
  }
}

/// `le="0.5"`, as its format writes the number.
class bound_label {
 public:
  bound_label(std::string_view name, double bound, format which) noexcept {
    char* at = std::copy(name.begin(), name.end(), text_);
    at = std::copy_n("=\"", 2, at);
    at = which == format::openmetrics ? write_canonical(at, bound) : write_double(at, bound);
    *at++ = '"';
    end_ = at;
  }
  [[nodiscard]] std::string_view text() const noexcept { return {text_, end_}; }

 private:
  char text_[number_chars_max + 16];
  char const* end_;
};

char* append_seconds(char* at, std::int64_t milliseconds) noexcept {
  at = write_signed(at, milliseconds / 1000);
  *at++ = '.';
  for (std::int64_t digit = 100; digit != 0; digit /= 10)
    *at++ = static_cast<char>('0' + milliseconds / digit % 10);
  return at;
}

}  // namespace

void text_family::start(snapshot_data const& values, core::family_data const& family,
                        render_options const& options) {
  values_ = &values;
  about_ = family.about;
  options_ = options;
  series_ = family_cursor(values, family, options.filter);
  started_ = false;
  exemplar_ = 0;
  // An `unknown` has no exemplar.
  has_exemplars_ = options.which == format::openmetrics && !values.exemplars.empty() &&
                   !about_->openmetrics_unknown;
  created_line_ = options.which == format::openmetrics && options.created && about_->has_begin() &&
                  !about_->openmetrics_unknown;
  start_layout();
}

void text_family::start_layout() {
  layout_ = &series_.about();
  lines_.start(*layout_, series_.constant_labels());
  make_lines();
  if (created_line_) lines_.add(naming::family_name(*about_), "_created");
  lines_.end();
}

void text_family::make_lines() {
  std::string_view const name = about_->name;
  auto const add_bound = [&](std::string_view suffix, std::string_view label, double bound) {
    lines_.add(name, suffix, bound_label(label, bound, options_.which).text());
  };
  switch (about_->type) {
    case metric_type::histogram:
      for (double const bound : layout_->bounds) add_bound("_bucket", "le", bound);
      add_bound("_bucket", "le", infinity);
      break;
    case metric_type::summary:
      for (double const quantile : layout_->quantiles) add_bound("", "quantile", quantile);
      break;
    case metric_type::stateset:
      for (std::string_view const state : about_->states) {
        label_.clear();
        core::append_label(label_, name, state);
        lines_.add(name, "", label_);
      }
      return;
    case metric_type::counter:
    case metric_type::gauge:
    case metric_type::info:
    case metric_type::unknown: lines_.add(name, ""); return;
  }
  lines_.add(name, "_sum");
  lines_.add(name, "_count");
}

void text_family::append_metadata(chunk_buffer& out) const {
  bool const openmetrics = options_.which == format::openmetrics;
  std::string_view const name = openmetrics ? naming::family_name(*about_) : about_->name;
  auto const begin = [&](std::string_view what) {
    out.append(what);
    out.append(name);
    out.append(" ");
  };
  begin("# HELP ");
  append_help(out, about_->help, openmetrics);
  begin("\n# TYPE ");
  out.append(type_name(*about_, options_.which));
  out.append("\n");
  if (!openmetrics || naming::has_no_unit(about_->type)) return;
  std::string_view const unit = naming::unit_suffix(name);
  if (unit.empty()) return;
  begin("# UNIT ");
  out.append(unit);
  out.append("\n");
}

bool text_family::fill(chunk_buffer& out) {
  if (!started_ && !series_.is_at_end()) append_metadata(out);
  started_ = true;
  for (;;) {
    for (; !series_.is_at_end(); series_.advance()) {
      if (out.has_chunk()) return false;
      if (has_exemplars_) find_exemplars();
      out.commit(append_series(out.reserve(bytes_max())));
    }
    if (!series_.next_layout()) return true;
    start_layout();
  }
}

/// What the lines of the series at hand have at most.
std::size_t text_family::bytes_max() const noexcept {
  std::size_t const line = series_.labels().size() + number_chars_max + 1;
  return lines_.bytes() + lines_.count() * (has_exemplars_ ? line + exemplar_bytes_max : line);
}

char* text_family::append_series(char* at) noexcept {
  switch (about_->type) {
    case metric_type::histogram: at = append_histogram(at); break;
    case metric_type::summary: at = append_summary(at); break;
    case metric_type::stateset: at = append_stateset(at); break;
    case metric_type::counter:
    case metric_type::gauge:
    case metric_type::info:
    case metric_type::unknown:
      at = append_value(begin_line(at, 0));
      if (has_exemplars_) at = append_exemplar(at, series_.first_value());
      *at++ = '\n';
      break;
  }
  return created_line_ ? append_created(at) : at;
}

/// All of a line that stands before its value.
char* text_family::begin_line(char* at, std::size_t line) const noexcept {
  // A processor foresees its way through memory within a page of 4 KiB only; these are its lines
  // some series ahead. A prefetch does not fault where there is nothing.
  constexpr std::size_t ahead = 1024;
  std::string_view const labels = series_.labels();
  auto const address = reinterpret_cast<std::uintptr_t>(labels.data()) + ahead;
  __builtin_prefetch(reinterpret_cast<void const*>(address));
  __builtin_prefetch(reinterpret_cast<void const*>(address + cache_line_bytes));
  at = copy_text(at, lines_.head(line));
  at = series_.copy_labels(at, labels);
  return copy_text(at, lines_.tail(line));
}

char* text_family::append_value(char* at) const noexcept {
  std::uint64_t const bits = *series_.values();
  switch (series_.kind()) {
    case number::kind::unsigned_integer: return write_unsigned(at, bits);
    case number::kind::signed_integer: return write_signed(at, static_cast<std::int64_t>(bits));
    case number::kind::floating: break;
  }
  return append_double(at, std::bit_cast<double>(bits));
}

/// OpenMetrics wants a point or an exponent in it.
char* text_family::append_double(char* at, double value) const noexcept {
  return options_.which == format::openmetrics ? write_canonical(at, value)
                                               : write_double(at, value);
}

char* text_family::append_histogram(char* at) noexcept {
  std::size_t const buckets = layout_->bounds.size() + 1;
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < buckets; ++i) {
    count += series_.values()[i];
    at = write_unsigned(begin_line(at, i), count);
    if (has_exemplars_) at = append_exemplar(at, series_.first_value() + i);
    *at++ = '\n';
  }
  double const sum = std::bit_cast<double>(series_.values()[buckets]);
  // OpenMetrics: a histogram with a negative bound has neither sum nor count, and a sum is neither
  // NaN nor negative; count and sum stand together or not at all.
  if (options_.which == format::openmetrics && (layout_->has_negative_bound() || !(sum >= 0)))
    return at;
  at = append_double(begin_line(at, buckets), sum);
  *at++ = '\n';
  at = write_unsigned(begin_line(at, buckets + 1), count);
  *at++ = '\n';
  return at;
}

char* text_family::append_summary(char* at) const noexcept {
  // OpenMetrics: neither a quantile nor the sum may be negative, and the sum is no NaN; what is, is
  // not shown there.
  bool const only_positive = options_.which == format::openmetrics;
  std::size_t const quantiles = layout_->quantiles.size();
  for (std::size_t i = 0; i < quantiles; ++i) {
    double const value = std::bit_cast<double>(series_.values()[i]);
    at = append_double(begin_line(at, i), only_positive && value < 0 ? not_a_number : value);
    *at++ = '\n';
  }
  double const sum = std::bit_cast<double>(series_.values()[quantiles]);
  if (!only_positive || sum >= 0) {
    at = append_double(begin_line(at, quantiles), sum);
    *at++ = '\n';
  }
  at = write_unsigned(begin_line(at, quantiles + 1), series_.values()[quantiles + 1]);
  *at++ = '\n';
  return at;
}

/// A line a state, which its own label names: 1 where it is on.
char* text_family::append_stateset(char* at) const noexcept {
  std::uint64_t on = *series_.values();
  for (std::size_t i = 0; i < about_->states.size(); ++i, on >>= 1) {
    at = begin_line(at, i);
    *at++ = (on & 1) != 0 ? '1' : '0';
    *at++ = '\n';
  }
  return at;
}

char* text_family::append_created(char* at) const noexcept {
  std::int64_t const created = series_.created();
  if (created <= 0) return at;
  at = append_seconds(begin_line(at, lines_.count() - 1), created);
  *at++ = '\n';
  return at;
}

/// Goes to the first exemplar of the series at hand, or of a later one.
void text_family::find_exemplars() noexcept {
  auto const& all = values_->exemplars;
  std::size_t const value = series_.first_value();
  auto const is_before = [](core::exemplar_data const& each, std::size_t than) {
    return each.value < than;
  };
  bool const is_there = (exemplar_ == all.size() || !is_before(all[exemplar_], value)) &&
                        (exemplar_ == 0 || is_before(all[exemplar_ - 1], value));
  if (is_there) return;
  auto const found = std::lower_bound(all.begin(), all.end(), value, is_before);
  exemplar_ = static_cast<std::size_t>(found - all.begin());
}

/// ` # {trace_id="…"} value timestamp` behind the line of a value that has an exemplar. REQUIRES:
/// called for a series' values in their order.
char* text_family::append_exemplar(char* at, std::size_t value) noexcept {
  auto const& all = values_->exemplars;
  if (exemplar_ == all.size() || all[exemplar_].value != value) return at;
  core::exemplar_data const& exemplar = all[exemplar_++];
  at = std::copy_n(" # {", 4, at);
  std::string_view text = values_->text_of(exemplar);
  for (bool first = true; !text.empty(); first = false) {
    auto const next = [&text] {
      std::string_view const word = text.substr(0, text.find('\0'));
      text.remove_prefix(word.size() + 1);
      return word;
    };
    if (!first) *at++ = ',';
    std::string_view const name = next();
    at = core::write_label(at, name, next());
  }
  at = std::copy_n("} ", 2, at);
  at = write_canonical(at, exemplar.of);
  *at++ = ' ';
  return append_seconds(at, exemplar.milliseconds);
}

}  // namespace stele::exposition
