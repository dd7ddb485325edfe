#include "serve/row_summary.hpp"

#include <bit>
#include <cmath>
#include <limits>
#include <span>
#include <string_view>
#include <utility>

#include "serve/json_text.hpp"

namespace stele::serving {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

template <class Value>
void append_member(std::string& out, std::string_view name, Value value) {
  out.append(",\"").append(name).append("\":");
  append_json(out, value);
}

void append_bucket(std::string& out, double lower, double upper, std::uint64_t count) {
  if (out.back() != '[') out += ',';
  out += '[';
  append_json(out, lower);
  out += ',';
  append_json(out, upper);
  out += ',';
  append_json(out, count);
  out += ']';
}

void append_states(std::string& out, descriptor const& row, std::uint64_t on) {
  out += ",\"states\":[";
  for (std::size_t i = 0; i < row.states.size(); ++i) {
    if ((on >> i & 1) == 0) continue;
    if (out.back() != '[') out += ',';
    append_json(out, row.states[i]);
  }
  out += ']';
}

double as_double(number value) noexcept {
  switch (value.is) {
    case number::kind::unsigned_integer: return static_cast<double>(value.bits);
    case number::kind::signed_integer:
      return static_cast<double>(static_cast<std::int64_t>(value.bits));
    case number::kind::floating: break;
  }
  return std::bit_cast<double>(value.bits);
}

void append_member(std::string& out, std::string_view name, number value) {
  switch (value.is) {
    case number::kind::unsigned_integer: return append_member(out, name, value.bits);
    case number::kind::signed_integer:
      return append_member(out, name, static_cast<std::int64_t>(value.bits));
    case number::kind::floating: return append_member(out, name, std::bit_cast<double>(value.bits));
  }
}

double sum_of(descriptor const& row, std::uint64_t const* values) noexcept {
  bool const buckets = row.type == metric_type::histogram;
  return std::bit_cast<double>(values[buckets ? row.bounds.size() + 1 : row.quantiles.size()]);
}

/// The end of the bucket with this index that is further from 0.
double border(std::int64_t index, int schema) noexcept {
  return std::exp2(std::ldexp(static_cast<double>(index), -schema));
}

/// The index of the bucket that holds this one's values at a resolution so many steps lower: a
/// bucket's upper end is included, so that is rounded up.
std::int64_t coarser(std::int64_t index, int steps) noexcept {
  return (index + (std::int64_t{1} << steps) - 1) >> steps;
}

}  // namespace

void native_sum::add(core::native_values const& of) {
  if (of.schema < schema_) coarsen(of.schema);
  zero_threshold_ = of.zero_threshold;
  zero_count_ += of.zero_count;
  core::native_values::sign const* const added[]{&of.positive, &of.negative};
  for (std::size_t side = 0; side < signs_.size(); ++side)
    for (std::size_t i = 0; i < added[side]->counts.size(); ++i)
      if (std::uint64_t const count = added[side]->counts[i]; count != 0)
        signs_[side][coarser(added[side]->first + static_cast<std::int64_t>(i),
                             of.schema - schema_)] += count;
}

void native_sum::coarsen(int to_schema) {
  for (sign& each : signs_) {
    sign made;
    for (auto const& [index, count] : each) made[coarser(index, schema_ - to_schema)] += count;
    each = std::move(made);
  }
  schema_ = to_schema;
}

void native_sum::append_json(std::string& out) const {
  for (auto at = signs_[1].rbegin(); at != signs_[1].rend(); ++at)
    append_bucket(out, -border(at->first, schema_), -border(at->first - 1, schema_), at->second);
  if (zero_count_ != 0) append_bucket(out, -zero_threshold_, zero_threshold_, zero_count_);
  for (auto const& [index, count] : signs_[0])
    append_bucket(out, border(index - 1, schema_), border(index, schema_), count);
}

row_summary::row_summary(descriptor const& row) : row_(row) {
  if (row.type == metric_type::histogram) buckets_.resize(row.bounds.size() + 1);
}

void row_summary::add(series_view const& series) {
  switch (row_.type) {
    case metric_type::counter:
    case metric_type::gauge:
    case metric_type::info:
    case metric_type::stateset:
    case metric_type::unknown: add_scalar({series.kind, series.values[0]}); break;
    case metric_type::histogram: add_histogram(series); break;
    case metric_type::summary: add_summary(series); break;
  }
  ++series_;
}

/// A NaN is neither the lowest nor the highest, unless there is nothing else.
void row_summary::add_scalar(number value) {
  double const read = as_double(value);
  if (series_ == 0) low_ = high_ = value;
  if (read < as_double(low_) || std::isnan(as_double(low_))) low_ = value;
  if (read > as_double(high_) || std::isnan(as_double(high_))) high_ = value;
  integral_ = integral_ && value.is == number::kind::unsigned_integer;
  integers_ += value.bits;
  sum_ += read;
}

void row_summary::add_histogram(series_view const& series) {
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    buckets_[i] += series.values[i];
    count_ += series.values[i];
  }
  sum_ += sum_of(row_, series.values);
  if (row_.native() && row_.bounds.empty()) native_.add(core::native_of(row_, series.values));
}

void row_summary::add_summary(series_view const& series) {
  if (series_ == 0) quantiles_.assign(series.values, series.values + row_.quantiles.size());
  sum_ += sum_of(row_, series.values);
  count_ += series.values[row_.quantiles.size() + 1];
}

void row_summary::append_json(std::string& out) const {
  append_member(out, "series", std::uint64_t{series_});
  if (series_ == 0) return;
  if (row_.type != metric_type::histogram && row_.type != metric_type::summary)
    return append_scalars(out);
  append_member(out, "count", count_);
  append_member(out, "sum", sum_);
  if (row_.type == metric_type::histogram)
    append_buckets(out);
  else if (series_ == 1)
    append_quantiles(out);
}

void row_summary::append_scalars(std::string& out) const {
  if (row_.type == metric_type::info) return;
  if (row_.type == metric_type::stateset) {
    if (series_ == 1) append_states(out, row_, low_.bits);
  } else if (series_ == 1) {
    append_member(out, "value", low_);
  } else if (row_.type == metric_type::gauge) {
    append_member(out, "low", low_);
    append_member(out, "high", high_);
  } else if (integral_) {
    append_member(out, "value", integers_);
  } else {
    append_member(out, "value", sum_);
  }
}

void row_summary::append_buckets(std::string& out) const {
  out += ",\"buckets\":[";
  if (row_.native() && row_.bounds.empty()) {
    native_.append_json(out);
  } else {
    std::span<double const> const bounds = row_.bounds;
    for (std::size_t i = 0; i <= bounds.size(); ++i) {
      bool const from_zero = i == 0 && !bounds.empty() && bounds[0] > 0;
      append_bucket(out,
                    from_zero ? 0
                    : i == 0  ? -infinity
                              : bounds[i - 1],
                    i == bounds.size() ? infinity : bounds[i], buckets_[i]);
    }
  }
  out += ']';
}

void row_summary::append_quantiles(std::string& out) const {
  out += ",\"quantiles\":[";
  for (std::size_t i = 0; i < quantiles_.size(); ++i) {
    out += i == 0 ? "[" : ",[";
    serving::append_json(out, row_.quantiles[i]);
    out += ',';
    serving::append_json(out, std::bit_cast<double>(quantiles_[i]));
    out += ']';
  }
  out += ']';
}

}  // namespace stele::serving
