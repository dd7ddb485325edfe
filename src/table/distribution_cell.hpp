// distribution_cell.hpp: a histogram's bounds or a summary's quantiles.
//
//   histogram = [ bounds ] [ "+" native ] | native
//   bounds    = number { separator number } | linear(start, width, count)
//             | exponential(start, factor, count) | exponential_range(min, max, count)
//   native    = native | native(schema)          -4 <= schema <= 8, else 3
//   quantiles = number { separator number }
//
// Bounds are finite and strictly ascending, `+Inf` is implied; quantiles lie within [0, 1]. Where a
// histogram states neither bounds nor `native` alone, or a summary nothing, the default of the
// row's unit is meant (docs/tables.md lists them).
//
// Threads: any, one page each.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "stele/descriptor.hpp"
#include "table/diagnostic.hpp"
#include "table/raw_table.hpp"

namespace stele::tables {

inline constexpr std::size_t bounds_max = 500;

/// The resolution of a native histogram that states none: buckets 9 % wide.
inline constexpr std::int8_t default_native_schema = 3;

struct distribution {
  std::vector<double> values;  // bounds or quantiles
  std::int8_t native_schema = no_native;
};

/// The bounds of a histogram whose cell is empty; none for a unit that has no usual range.
std::span<double const> default_bounds(stele::unit unit) noexcept;
std::span<double const> default_quantiles() noexcept;

/// Bounds or quantiles by the row's type; nothing where the cell was refused. A row of another type
/// has an empty distribution, and its cell must be empty.
std::optional<distribution> read_distribution(raw_cell const& cell, metric_type type,
                                              stele::unit unit, diagnostics& found);

}  // namespace stele::tables
