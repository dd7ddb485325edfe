#include "agents/join_values.hpp"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cmath>

#include "core/native_index.hpp"

namespace stele::pushing {

namespace {

constexpr std::uint64_t observations_max = std::uint64_t{1} << 62;

double number_of(std::uint64_t bits) noexcept { return std::bit_cast<double>(bits); }
std::uint64_t bits_of(double number) noexcept { return std::bit_cast<std::uint64_t>(number); }

/// Of the counts of a series; never more than the bound and one.
std::uint64_t observations_of(std::span<std::uint64_t const> counts) noexcept {
  std::uint64_t all = 0;
  for (std::uint64_t const each : counts) all += std::min(each, observations_max + 1 - all);
  return all;
}

}  // namespace

std::uint64_t load_value(std::uint64_t const* value) noexcept {
  // An atomic_ref of a constant comes with C++26.
  return std::atomic_ref(*const_cast<std::uint64_t*>(value)).load(std::memory_order_relaxed);
}

void store_value(std::uint64_t* value, std::uint64_t bits) noexcept {
  std::atomic_ref(*value).store(bits, std::memory_order_relaxed);
}

bool is_nan(std::uint64_t bits) noexcept { return std::isnan(number_of(bits)); }

void add_double(std::uint64_t& to, std::uint64_t bits) noexcept {
  double const sum = number_of(to) + number_of(bits);
  if (std::isfinite(sum)) to = bits_of(sum);
}

void join_number(join_function by, bool newest, bool first, std::uint64_t bits,
                 std::uint64_t& to) noexcept {
  double const value = number_of(bits);
  double const before = number_of(to);
  if (first || std::isnan(before)) {
    to = bits;
    return;
  }
  if (std::isnan(value)) return;
  switch (by) {
    case join_function::sum: to = bits_of(before + value); return;
    case join_function::max: to = bits_of(std::max(before, value)); return;
    case join_function::min: to = bits_of(std::min(before, value)); return;
    case join_function::last:
      if (newest) to = bits;
      return;
  }
}

bool add_counts(metric_type type, std::size_t values, std::uint64_t const* from,
                std::uint64_t* to) noexcept {
  bool const is_summary = type == metric_type::summary;
  std::size_t const first = is_summary ? values - 1 : 0;
  std::size_t const counts = is_summary ? 1 : values - 1;  // a counter has none
  if (observations_of({from + first, counts}) + observations_of({to + first, counts}) >
      observations_max)
    return false;
  for (std::size_t i = first; i < first + counts; ++i) to[i] += from[i];
  std::size_t const sum = is_summary ? values - 2 : values - 1;
  add_double(to[sum], from[sum]);
  return true;
}

bool restarted(metric_type type, std::size_t plain_values, std::uint64_t const* old,
               std::span<std::uint64_t const> values) noexcept {
  if (old == nullptr) return false;
  switch (type) {
    case metric_type::counter: return number_of(values[0]) < number_of(old[0]);
    case metric_type::summary: return values[plain_values - 1] < old[plain_values - 1];
    case metric_type::histogram:
      for (std::size_t i = 0; i + 1 < plain_values; ++i)
        if (values[i] < old[i]) return true;
      return false;
    case metric_type::gauge:
    case metric_type::info:
    case metric_type::stateset:
    case metric_type::unknown: break;
  }
  return false;
}

void join_native(core::native_values const& from, core::native_counts& to,
                 double& zero_threshold) noexcept {
  if (to.schema > from.schema) to.coarsen(from.schema);
  to.zero_count += from.zero_count;
  zero_threshold = std::max(zero_threshold, from.zero_threshold);
  core::native_values::sign const signs[]{from.positive, from.negative};
  for (std::size_t sign = 0; sign < std::size(signs); ++sign)
    for (std::size_t i = 0; i < signs[sign].counts.size(); ++i)
      if (std::uint64_t const count = signs[sign].counts[i])
        to.add(sign, signs[sign].first + static_cast<std::int64_t>(i), from.schema, count);
}

namespace {

template <class List>
void append(core::native_counts const& from, double zero_threshold, List& to) {
  to.push_back(static_cast<std::uint64_t>(from.schema));
  to.push_back(bits_of(zero_threshold));
  to.push_back(from.zero_count);
  for (core::native_window const& window : from.windows) {
    auto const [begin, end] = window.used();
    to.push_back(static_cast<std::uint64_t>(window.first + begin));
    to.push_back(static_cast<std::uint64_t>(end - begin));
    to.insert(to.end(), window.counts.begin() + begin, window.counts.begin() + end);
  }
}

}  // namespace

void append_native(core::native_counts const& from, double zero_threshold,
                   core::snapshot_vector<std::uint64_t>& to) {
  append(from, zero_threshold, to);
}

void add_native_series(descriptor const& about, std::uint64_t const* from,
                       list<std::uint64_t>& to) {
  std::size_t const plain = about.bounds.size() + 2;
  list<std::uint64_t> sum(plain, 0);
  if (!to.empty()) std::copy_n(to.begin(), plain, sum.begin());
  if (!add_counts(metric_type::histogram, plain, from, sum.data())) return;
  core::native_counts counts;
  counts.start(native_schema_max);
  double zero_threshold = 0;
  join_native(core::native_of(about, from), counts, zero_threshold);
  if (!to.empty()) join_native(core::native_of(about, to.data()), counts, zero_threshold);
  append(counts, zero_threshold, sum);
  to.swap(sum);
}

}  // namespace stele::pushing
