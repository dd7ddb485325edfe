// cell_words.hpp: the cells that hold one word or a short statement: Type, Unit, Source, Lint.
//
// Each function reads a cell's text, reports what it cannot read at the cell, and returns nothing
// where the row cannot be compiled for it.
//
//   std::optional<metric_type> const type = read_type(cell, found);   // nothing: it was reported
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

inline constexpr std::array<type_word, 6> type_words{{{"counter", metric_type::counter},
                                                      {"gauge", metric_type::gauge},
                                                      {"histogram", metric_type::histogram},
                                                      {"summary", metric_type::summary},
                                                      {"info", metric_type::info},
                                                      {"stateset", metric_type::stateset}}};

/// Whether a word (in lower case) is this type's, or a likely slip for it. Of `info` only the word
/// itself: every short word, `int` above all, is a slip or two away from it.
bool nearly_type(std::string_view word, type_word const& known) noexcept;

/// Whether a row of this name may have the type. Anybody may write `info` beside a word; beside a
/// name that ends in `_info` it is a type. To be asked where it is not known that a table lists
/// metrics.
bool type_fits_name(metric_type type, std::string_view name) noexcept;

/// In any case. An empty cell is an error: a type is never made up.
std::optional<metric_type> read_type(raw_cell const& cell, diagnostics& found);

/// The Unit cell, or the name's unit where it is empty. A word that Stele does not know becomes
/// `other`, with a note; a unit that contradicts the name's is an error, as is one of a type that
/// has none.
std::optional<stele::unit> read_unit(raw_cell const& cell, std::string_view name, metric_type type,
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
