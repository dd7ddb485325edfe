// cell_words.hpp: the cells that hold one word or a short statement: Type, Unit, Source, Lint.
//
// Each function reads a cell's text, reports what it cannot read at the cell, and returns nothing
// where the row cannot be compiled for it.
//
// Threads: any, one page each.

#pragma once

#include <array>
#include <optional>
#include <string_view>
#include <vector>

#include "table/diagnostic.hpp"
#include "table/raw_table.hpp"
#include "table/table.hpp"

namespace stele::tables {

struct type_word {
  std::string_view text;
  metric_type means;
};

inline constexpr std::array<type_word, 4> type_words{{{"counter", metric_type::counter},
                                                      {"gauge", metric_type::gauge},
                                                      {"histogram", metric_type::histogram},
                                                      {"summary", metric_type::summary}}};

/// In any case. An empty cell is an error: a type is never made up.
std::optional<metric_type> read_type(raw_cell const& cell, diagnostics& found);

/// The Unit cell, or the name's unit where it is empty. A word that Stele does not know becomes
/// `other`, with a note; a unit that contradicts the name's is an error.
std::optional<stele::unit> read_unit(raw_cell const& cell, std::string_view name,
                                     diagnostics& found);

struct source_statement {
  stele::source source = source::service;
  std::string absent_reason;
};

/// `service` (also where the cell is empty), `sdk`, `mapped`, `caller` or `absent: reason`.
std::optional<source_statement> read_source(raw_cell const& cell, diagnostics& found);

/// `allow RULE: reason`, several of them separated by `;` or a line break.
std::optional<std::vector<lint_allowance>> read_allowances(raw_cell const& cell,
                                                           diagnostics& found);

}  // namespace stele::tables
