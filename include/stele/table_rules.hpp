// table_rules.hpp: what a row's values, a row, and a whole table must be.
//
//   static_assert(stele::naming::table_is_valid(coderd::table::descriptors));
//
// Threads: pure functions.

#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "descriptor.hpp"
#include "naming.hpp"

namespace stele::naming {

// ---- Values -------------------------------------------------------------------------------------

constexpr bool finite(double value) noexcept { return value - value == 0; }

/// Histogram bounds: finite and strictly ascending; `+Inf` is not among them.
constexpr bool valid_bounds(std::span<double const> bounds) noexcept {
  for (std::size_t i = 0; i < bounds.size(); ++i)
    if (!finite(bounds[i]) || (i > 0 && !(bounds[i - 1] < bounds[i]))) return false;
  return true;
}

constexpr bool valid_native_schema(int schema) noexcept {
  return schema >= native_schema_min && schema <= native_schema_max;
}

/// The states of a stateset are the bits of one word.
inline constexpr std::size_t states_max = 64;

/// Summary quantiles: within [0, 1] and strictly ascending.
constexpr bool valid_quantiles(std::span<double const> quantiles) noexcept {
  for (double const quantile : quantiles)
    if (!(quantile >= 0 && quantile <= 1)) return false;
  return valid_bounds(quantiles);
}

// ---- Rows and tables ----------------------------------------------------------------------------

/// What info and stateset demand of a row: a name with `_info`, states, no unit; and that a row of
/// another type has no states.
constexpr bool shape_is_valid(descriptor const& row) noexcept {
  if (has_no_unit(row.type) && row.unit != unit::none) return false;
  if (row.type == metric_type::info && !has_info(row.name)) return false;
  if (row.type != metric_type::stateset) return row.states.empty();
  for (auto const& label : row.labels)
    if (detail::equal(label.name, row.name)) return false;  // the exposition writes this one
  return !row.states.empty() && row.states.size() <= states_max;
}

/// A row by itself: its name, labels, distribution and source fit its type.
constexpr bool row_is_valid(descriptor const& row) noexcept {
  if (!valid_documented_name(row.name)) return false;
  for (std::size_t i = 0; i < row.labels.size(); ++i) {
    std::string_view const label = row.labels[i].name;
    if (!valid_label_name(label) || reserved_label(label, row.type)) return false;
    for (std::size_t earlier = 0; earlier < i; ++earlier)
      if (detail::equal(row.labels[earlier].name, label)) return false;
  }
  if (row.type != metric_type::histogram && !row.bounds.empty()) return false;
  if (row.type != metric_type::summary && !row.quantiles.empty()) return false;
  if (row.native_schema != no_native &&
      (row.type != metric_type::histogram || !valid_native_schema(row.native_schema)))
    return false;
  if (!shape_is_valid(row)) return false;
  if ((row.source == source::absent) == row.absent_reason.empty()) return false;
  return valid_bounds(row.bounds) && valid_quantiles(row.quantiles);
}

/// One row of a whole table, as table_is_valid demands it.
///
/// Whatever clashes with a row begins with its family's name, and so stands beside it in the
/// sorted table: only these neighbours are compared.
constexpr bool row_fits(std::span<descriptor const* const> rows, std::size_t i) noexcept {
  descriptor const& row = *rows[i];
  if (!row_is_valid(row) || (i > 0 && !detail::less(rows[i - 1]->name, row.name))) return false;

  std::string_view const base =
      row.type == metric_type::counter ? without_total(row.name) : family_name(row);
  bool base_is_a_row = false;
  for (std::size_t j = i; j-- > 0 && detail::begins_with(rows[j]->name, base);) {
    if (clash(row, *rows[j])) return false;
    base_is_a_row = base_is_a_row || detail::equal(rows[j]->name, base);
  }
  for (std::size_t j = i + 1; j < rows.size() && detail::begins_with(rows[j]->name, base); ++j)
    if (clash(row, *rows[j])) return false;
  return row.openmetrics_unknown == openmetrics_unknown(row.name, row.type, base_is_a_row);
}

/// What a static_assert over a generated table states: the rows are sorted by name without a
/// repeat, each is valid, no two clash, and `openmetrics_unknown` is what it must be. A long table
/// is asserted in blocks of `count` rows from `first`: the limit of steps is an assertion's.
constexpr bool table_is_valid(std::span<descriptor const* const> rows, std::size_t first = 0,
                              std::size_t count = static_cast<std::size_t>(-1)) noexcept {
  std::size_t const end = count < rows.size() - first ? first + count : rows.size();
  for (std::size_t i = first; i < end; ++i)
    if (!row_fits(rows, i)) return false;
  return true;
}

}  // namespace stele::naming
