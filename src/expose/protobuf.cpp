#include "expose/protobuf.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstdint>
#include <cstring>

#include "core/exemplars.hpp"
#include "expose/label_pairs.hpp"
#include "expose/protobuf_wire.hpp"
#include "stele/naming.hpp"
#include "stele/unit_names.hpp"

namespace stele::exposition {

namespace {

// The numbers of fields, by message.
namespace family_field {
enum { name = 1, help = 2, type = 3, metric = 4, unit = 5 };
}
namespace metric_field {
enum { label = 1, gauge = 2, counter = 3, summary = 4, untyped = 5, histogram = 7 };
}
namespace label_pair_field {
enum { name = 1, value = 2 };
}
/// Those of a Gauge's and a Counter's value are the same.
constexpr int simple_value_field = 1;
constexpr int counter_start_field = 3;
namespace timestamp_field {
enum { seconds = 1, nanos = 2 };
}

/// MetricType.
int type_number(metric_type type) noexcept {
  switch (type) {
    case metric_type::counter: return 0;
    case metric_type::gauge:
    case metric_type::info:
    case metric_type::stateset: return 1;
    case metric_type::summary: return 2;
    case metric_type::unknown: return 3;
    case metric_type::histogram: return 4;
  }
  return 1;
}

int value_field(metric_type type) noexcept {
  switch (type) {
    case metric_type::counter: return metric_field::counter;
    case metric_type::summary: return metric_field::summary;
    case metric_type::histogram: return metric_field::histogram;
    case metric_type::unknown: return metric_field::untyped;
    case metric_type::gauge:
    case metric_type::info:
    case metric_type::stateset: break;
  }
  return metric_field::gauge;
}

std::string_view unit_of(descriptor const& about) noexcept {
  if (naming::has_no_unit(about.type)) return {};
  return naming::unit_suffix(about.type == metric_type::counter ? naming::without_total(about.name)
                                                                : about.name);
}

// ---- Labels -------------------------------------------------------------------------------------

std::size_t pair_bytes(std::size_t name, std::size_t value) noexcept {
  return wire::length_field_bytes(wire::length_field_bytes(name) + wire::length_field_bytes(value));
}

/// All of a LabelPair but the value's bytes.
char* begin_pair(char* at, std::string_view name, std::size_t value) noexcept {
  at = wire::put_length(at, metric_field::label,
                        wire::length_field_bytes(name.size()) + wire::length_field_bytes(value));
  at = wire::put_length(at, label_pair_field::name, name.size());
  std::memcpy(at, name.data(), name.size());
  return wire::put_length(at + name.size(), label_pair_field::value, value);
}

/// Up to here the length of every field of a LabelPair, and its own, is one byte: a pair is a byte
/// longer than the text of a single label.
constexpr std::size_t plain_bytes_max = 126;

// ---- A counter's start --------------------------------------------------------------------------

struct start_time {
  explicit start_time(std::int64_t milliseconds) noexcept
      : seconds(static_cast<std::uint64_t>(milliseconds) / 1000),
        nanos(static_cast<std::uint64_t>(milliseconds) % 1000 * 1'000'000) {}

  /// Of the Timestamp.
  [[nodiscard]] std::size_t bytes() const noexcept {
    std::size_t const of_seconds = wire::tag_bytes + wire::varint_bytes(seconds);
    return nanos == 0 ? of_seconds : of_seconds + wire::tag_bytes + wire::varint_bytes(nanos);
  }
  char* put(char* at) const noexcept {
    at = wire::put_length(at, counter_start_field, bytes());
    at = wire::put_varint_field(at, timestamp_field::seconds, seconds);
    return nanos == 0 ? at : wire::put_varint_field(at, timestamp_field::nanos, nanos);
  }

  std::uint64_t seconds;
  std::uint64_t nanos;
};

}  // namespace

// ---- The family ---------------------------------------------------------------------------------

void protobuf_family::start(core::snapshot_data const& values, core::family_data const& family,
                            render_options const& options) {
  values_ = &values;
  family_ = &family;
  about_ = family.about;
  filter_ = options.filter;
  series_ = family_cursor(values, family, filter_);
  started_ = false;
  write_constants();
}

bool protobuf_family::fill(chunk_buffer& out) {
  if (series_.is_at_end()) return true;
  if (!started_) {
    family_cursor const first = series_;
    std::size_t const metrics = metrics_bytes();
    series_ = first;
    append_head(out, metrics);
    started_ = true;
  }
  do {
    for (; !series_.is_at_end(); series_.advance()) {
      if (out.has_chunk()) return false;
      append_series(out);
    }
  } while (series_.next_layout());
  return true;
}

void protobuf_family::write_constants() {
  constants_.clear();
  if (family_->constant_labels != nullptr)
    for (auto const& label : family_->constant_labels->labels)
      write_label(constants_, label.name, label.value);
  constant_bytes_ = constants_.size();
  constants_.append(core::label_texts::slack, '\0');
}

std::size_t protobuf_family::metrics_bytes() {
  std::size_t bytes = 0;
  do {
    for (; !series_.is_at_end(); series_.advance()) bytes += series_bytes();
  } while (series_.next_layout());
  return bytes;
}

void protobuf_family::append_head(chunk_buffer& out, std::size_t metrics) const {
  std::string_view const unit = unit_of(*about_);
  std::size_t const head = wire::length_field_bytes(about_->name.size()) +
                           wire::length_field_bytes(about_->help.size()) + wire::tag_bytes + 1 +
                           (unit.empty() ? 0 : wire::length_field_bytes(unit.size()));
  char* at = out.reserve(wire::varint_bytes_max + head);
  at = wire::put_varint(at, head + metrics);
  at = wire::put_text(at, family_field::name, about_->name);
  at = wire::put_text(at, family_field::help, about_->help);
  at = wire::put_varint_field(at, family_field::type,
                              static_cast<std::uint64_t>(type_number(about_->type)));
  if (!unit.empty()) at = wire::put_text(at, family_field::unit, unit);
  out.commit(at);
}

// ---- A series -----------------------------------------------------------------------------------

std::size_t protobuf_family::series_bytes() {
  own_labels const labels = measure_labels();
  if (about_->type == metric_type::stateset) {
    std::size_t bytes = 0;
    for (std::string_view const state : about_->states)
      bytes += wire::length_field_bytes(state_bytes(labels, state));
    return bytes;
  }
  return wire::length_field_bytes(constant_bytes_ + labels.bytes +
                                  wire::length_field_bytes(write_value()));
}

void protobuf_family::append_series(chunk_buffer& out) {
  own_labels const labels = measure_labels();
  if (about_->type == metric_type::stateset) return append_states(out, labels);
  std::size_t const value = write_value();
  std::size_t const bytes = constant_bytes_ + labels.bytes + wire::length_field_bytes(value);
  char* at = out.reserve(wire::tag_bytes + wire::varint_bytes_max + bytes);
  at = wire::put_length(at, family_field::metric, bytes);
  [[maybe_unused]] char const* const begin = at;
  at = put_labels(at, labels);
  at = put_value(at, value);
  assert(at == begin + bytes);
  out.commit(at);
}

std::size_t protobuf_family::state_bytes(own_labels const& labels,
                                         std::string_view state) const noexcept {
  return constant_bytes_ + labels.bytes + pair_bytes(about_->name.size(), state.size()) +
         wire::length_field_bytes(wire::double_field_bytes);
}

void protobuf_family::append_states(chunk_buffer& out, own_labels const& labels) const {
  std::uint64_t on = series_.values()[0];
  for (std::string_view const state : about_->states) {
    std::size_t const bytes = state_bytes(labels, state);
    char* at = out.reserve(wire::tag_bytes + wire::varint_bytes_max + bytes);
    at = wire::put_length(at, family_field::metric, bytes);
    [[maybe_unused]] char const* const begin = at;
    at = put_labels(at, labels);
    at = begin_pair(at, about_->name, state.size());
    std::memcpy(at, state.data(), state.size());
    at = wire::put_length(at + state.size(), metric_field::gauge, wire::double_field_bytes);
    at = wire::put_double(at, simple_value_field, (on & 1) != 0 ? 1 : 0);
    assert(at == begin + bytes);
    out.commit(at);
    on >>= 1;
  }
}

// ---- Its labels ---------------------------------------------------------------------------------

protobuf_family::own_labels protobuf_family::measure_labels() const noexcept {
  std::string_view const text = series_.labels();
  if (text.empty()) return {text, true, 0};
  // A label is `name="value"` there, with a comma behind all but the last, and here six bytes
  // beside name and value.
  if (text.size() <= plain_bytes_max && !label_pairs::has_backslash(text))
    return {text, true, text.size() + 2 * series_.about().labels.size() + 1};
  std::size_t bytes = 0;
  label_pairs rest(text);
  for (label_pair each{}; rest.next(each);)
    bytes +=
        pair_bytes(each.name.size(), each.escaped ? unescaped_size(each.value) : each.value.size());
  return {text, false, bytes};
}

char* protobuf_family::put_labels(char* at, own_labels const& labels) const noexcept {
  if (constant_bytes_ != 0) at = copy_text(at, {constants_.data(), constant_bytes_});
  if (labels.plain) return labels.text.empty() ? at : put_plain_labels(at, labels.text);
  label_pairs rest(labels.text);
  for (label_pair each{}; rest.next(each);) {
    std::size_t const value = each.escaped ? unescaped_size(each.value) : each.value.size();
    at = begin_pair(at, each.name, value);
    if (!each.escaped) std::memcpy(at, each.value.data(), value);
    at = each.escaped ? unescape(at, each.value) : at + value;
  }
  return at;
}

/// `name="value` is copied in one piece: between name and value two bytes stand here as well.
char* protobuf_family::put_plain_labels(char* at, std::string_view text) const noexcept {
  char const* from = text.data();
  char const* const end = from + text.size();
  for (label_descriptor const& label : series_.about().labels) {
    std::size_t const name = label.name.size();
    char const* const value = from + name + 2;
    auto const* const quote =
        static_cast<char const*>(std::memchr(value, '"', static_cast<std::size_t>(end - value)));
    auto const value_bytes = static_cast<std::size_t>(quote - value);
    at[0] = wire::length_tag(metric_field::label);
    at[1] = static_cast<char>(4 + name + value_bytes);
    at[2] = wire::length_tag(label_pair_field::name);
    at[3] = static_cast<char>(name);
    series_.copy_labels(at + 4, {from, name + 2 + value_bytes});
    at[4 + name] = wire::length_tag(label_pair_field::value);
    at[5 + name] = static_cast<char>(value_bytes);
    at += 6 + name + value_bytes;
    from = quote + 2;
  }
  return at;
}

// ---- Its value ----------------------------------------------------------------------------------

std::size_t protobuf_family::write_value() {
  simple_ = true;
  if (about_->is_shared()) return wire::double_field_bytes;
  auto const exemplars = exemplars_of_series();
  std::int64_t const created = series_.created();
  if (about_->type == metric_type::counter && exemplars.empty())
    return wire::double_field_bytes +
           (created > 0 ? wire::length_field_bytes(start_time(created).bytes()) : 0);
  simple_ = false;
  series_values const of{*values_, series_.values(), series_.first_value(), created, exemplars};
  if (about_->type == metric_type::counter)
    write_counter(message_, value(), of);
  else if (about_->type == metric_type::summary)
    write_summary(message_, series_.about(), of);
  else
    write_histogram(message_, series_.about(), of);
  return message_.size();
}

char* protobuf_family::put_value(char* at, std::size_t bytes) const noexcept {
  at = wire::put_length(at, value_field(about_->type), bytes);
  if (!simple_) {
    std::memcpy(at, message_.data(), bytes);
    return at + bytes;
  }
  at = wire::put_double(at, simple_value_field, value());
  // A gauge has no start.
  return bytes == wire::double_field_bytes ? at : start_time(series_.created()).put(at);
}

double protobuf_family::value() const noexcept {
  std::uint64_t const bits = series_.values()[0];
  switch (series_.kind()) {
    case number::kind::unsigned_integer: return static_cast<double>(bits);
    case number::kind::signed_integer: return static_cast<double>(static_cast<std::int64_t>(bits));
    case number::kind::floating: break;
  }
  return std::bit_cast<double>(bits);
}

std::span<core::exemplar_data const> protobuf_family::exemplars_of_series() const noexcept {
  if (values_->exemplars.empty()) return {};
  auto const place = [](core::exemplar_data const& of) { return of.value; };
  auto const begin = std::ranges::lower_bound(values_->exemplars, series_.first_value(), {}, place);
  std::size_t const end_place = series_.first_value() + core::exemplar_places(series_.about());
  auto const end = std::ranges::lower_bound(begin, values_->exemplars.end(), end_place, {}, place);
  return {begin, end};
}

}  // namespace stele::exposition
