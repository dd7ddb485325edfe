// bundle_text.hpp: a bundle as text, for tests: families in the order of the body, series with
// their labels and numbers.
//
//   histogram latency
//     help How long.
//     {path="/"} 0.5:2 1:0 +Inf:1 sum 3.5 created 1000
//   refused jobs label
//
// Threads: pure functions.

#pragma once

#include <bit>
#include <charconv>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "agents/bundle.hpp"
#include "core/snapshot_data.hpp"

namespace stele::pushing {

inline std::string_view type_word(metric_type type) noexcept {
  constexpr std::string_view names[]{"counter", "gauge",    "histogram", "summary",
                                     "info",    "stateset", "unknown"};
  return names[static_cast<std::size_t>(type)];
}

inline std::string number_text(double value) {
  if (value != value) return "NaN";
  if (value - value != 0) return value > 0 ? "+Inf" : "-Inf";
  char text[40];
  auto const end = std::to_chars(text, text + sizeof(text), value, std::chars_format::general);
  return {text, end.ptr};
}

inline descriptor row_of(metric_type type, layout const& of) {
  descriptor row{.name = {}, .type = type};
  row.bounds = of.bounds;
  row.quantiles = of.quantiles;
  if (of.native) row.native_schema = native_schema_max;
  return row;
}

/// The numbers of one series, as text.
inline std::string numbers_text(descriptor const& row, std::uint64_t const* values) {
  auto const floating = [&](std::size_t i) {
    return number_text(std::bit_cast<double>(values[i]));
  };
  std::string out;
  if (row.type == metric_type::summary) {
    std::size_t const count = row.quantiles.size();
    for (std::size_t i = 0; i < count; ++i)
      out += number_text(row.quantiles[i]) + ':' + floating(i) + ' ';
    return out + "sum " + floating(count) + " count " + std::to_string(values[count + 1]);
  }
  if (row.type != metric_type::histogram) return floating(0);
  std::size_t const count = row.bounds.size();
  for (std::size_t i = 0; i < count; ++i)
    out += number_text(row.bounds[i]) + ':' + std::to_string(values[i]) + ' ';
  out += "+Inf:" + std::to_string(values[count]) + " sum " + floating(count + 1);
  if (!row.native()) return out;
  core::native_values const native = core::native_of(row, values);
  out += " native " + std::to_string(native.schema) + ' ' + number_text(native.zero_threshold) +
         ':' + std::to_string(native.zero_count);
  for (auto const& [sign, name] : {std::pair(&native.positive, " +"), {&native.negative, " -"}}) {
    if (sign->counts.empty()) continue;
    out += name + std::to_string(sign->first) + '[';
    for (std::uint64_t const each : sign->counts) out += std::to_string(each) + ' ';
    out.back() = ']';
  }
  return out;
}

/// What is in HELP, on one line.
inline std::string one_line(std::string_view text) {
  std::string out;
  for (char const c : text) {
    if (c == '\\' || c == '\n') out += '\\';
    out += c == '\n' ? 'n' : c;
  }
  return out;
}

inline std::string bundle_text(bundle const& read) {
  std::string out;
  shape const& all = *read.of;
  std::uint64_t const* values = read.values.data();
  for (shape_family const& family : all.families) {
    out.append(type_word(family.type)).append(" ").append(family.name) += '\n';
    if (!family.help.empty()) out += "  help " + one_line(family.help) + '\n';
    if (!family.unit.empty()) out += "  unit " + family.unit + '\n';
    for (std::uint32_t i = family.first_series; i < family.end_series; ++i) {
      shape_series const& series = all.series[i];
      descriptor const row = row_of(family.type, all.layouts[series.layout]);
      out.append("  {").append(all.labels(series)).append("} ") += numbers_text(row, values);
      if (!read.created.empty() && read.created[i] != 0)
        out += " created " + std::to_string(read.created[i]);
      out += '\n';
      values += core::value_count(row, values);
    }
  }
  for (family_refusal const& each : all.refused)
    out.append("refused ")
        .append(each.family)
        .append(" ")
        .append(refusal_reason_names[static_cast<std::size_t>(each.reason)]) += '\n';
  return out;
}

}  // namespace stele::pushing
