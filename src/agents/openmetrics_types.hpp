// openmetrics_types.hpp: OpenMetrics' types: which samples a family of each has, and what becomes
// of it.
//
//   openmetrics_type_rules const* const type = openmetrics_type_of("counter");
//   type->name_suffix                  // "_total": the family's name in text 0.0.4 has it
//
// Threads: constants.

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "agents/raw_bundle.hpp"
#include "stele/descriptor.hpp"

namespace stele::pushing {

enum class openmetrics_type : std::uint8_t {
  unknown,
  gauge,
  counter,
  stateset,
  info,
  summary,
  histogram,
  gaugehistogram
};

struct openmetrics_suffix {
  std::string_view text{};
  sample_part part = sample_part::value;
  std::string_view own_label{};  // that it needs
  bool takes_exemplar = false;
};

struct openmetrics_type_rules {
  openmetrics_type is;
  std::string_view name;
  metric_type kept_as;
  std::string_view name_suffix;  // of the family's name in text 0.0.4
  std::span<openmetrics_suffix const> suffixes;
};

namespace detail {

inline constexpr openmetrics_suffix om_scalar[]{{}};
inline constexpr openmetrics_suffix om_counter[]{
    {.text = "_total", .takes_exemplar = true}, {.text = "_created", .part = sample_part::created}};
inline constexpr openmetrics_suffix om_info[]{{.text = "_info"}};
inline constexpr openmetrics_suffix om_summary[]{
    {.text = "", .part = sample_part::quantile, .own_label = "quantile"},
    {.text = "_sum", .part = sample_part::sum},
    {.text = "_count", .part = sample_part::count},
    {.text = "_created", .part = sample_part::created}};
inline constexpr openmetrics_suffix om_histogram[]{
    {.text = "_bucket", .part = sample_part::bucket, .own_label = "le", .takes_exemplar = true},
    {.text = "_sum", .part = sample_part::sum},
    {.text = "_count", .part = sample_part::count},
    {.text = "_created", .part = sample_part::created}};
inline constexpr openmetrics_suffix om_gaugehistogram[]{
    {.text = "_bucket", .part = sample_part::bucket, .own_label = "le", .takes_exemplar = true},
    {.text = "_gsum", .part = sample_part::sum},
    {.text = "_gcount", .part = sample_part::count}};

inline constexpr openmetrics_type_rules om_types[]{
    {openmetrics_type::unknown, "unknown", metric_type::unknown, "", om_scalar},
    {openmetrics_type::gauge, "gauge", metric_type::gauge, "", om_scalar},
    {openmetrics_type::counter, "counter", metric_type::counter, "_total", om_counter},
    {openmetrics_type::stateset, "stateset", metric_type::gauge, "", om_scalar},
    {openmetrics_type::info, "info", metric_type::info, "_info", om_info},
    {openmetrics_type::summary, "summary", metric_type::summary, "", om_summary},
    {openmetrics_type::histogram, "histogram", metric_type::histogram, "", om_histogram},
    {openmetrics_type::gaugehistogram, "gaugehistogram", metric_type::histogram, "",
     om_gaugehistogram}};

}  // namespace detail

/// Null: there is no such type.
constexpr openmetrics_type_rules const* openmetrics_type_of(std::string_view name) noexcept {
  for (auto const& each : detail::om_types)
    if (each.name == name) return &each;
  return nullptr;
}

/// Of a family without a TYPE line.
constexpr openmetrics_type_rules const& unknown_openmetrics_type() noexcept {
  return detail::om_types[0];
}

inline std::string openmetrics_type_names() {
  std::string all;
  for (auto const& each : detail::om_types) all.append(all.empty() ? "" : ", ").append(each.name);
  return all;
}

}  // namespace stele::pushing
