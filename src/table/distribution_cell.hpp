// distribution_cell.hpp: a histogram's bounds or a summary's quantiles.
//
//   bounds    = number { separator number } | linear(start, width, count)
//             | exponential(start, factor, count)
//   quantiles = number { separator number }
//
// Bounds are finite and strictly ascending, `+Inf` is implied; quantiles lie within [0, 1]. An
// empty cell means the default of the row's unit (docs/tables.md lists them).
//
// Threads: any, one page each.

#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "stele/descriptor.hpp"
#include "table/diagnostic.hpp"
#include "table/raw_table.hpp"

namespace stele::tables {

inline constexpr std::size_t bounds_max = 500;

/// The bounds of a histogram whose cell is empty; none for a unit that has no usual range.
std::span<double const> default_bounds(stele::unit unit) noexcept;
std::span<double const> default_quantiles() noexcept;

/// Bounds or quantiles by the row's type; nothing where the cell was refused. A counter or gauge
/// has an empty distribution, and its cell must be empty.
std::optional<std::vector<double>> read_distribution(raw_cell const& cell, metric_type type,
                                                     stele::unit unit, diagnostics& found);

}  // namespace stele::tables
