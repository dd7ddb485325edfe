// lint.hpp: Prometheus's naming conventions, as `promtool check metrics` states them.
//
// An objection is a warning, never an error; a row answers it in its Lint cell by the rule's name
// and a reason. An answer to nothing is a warning too, so that none outlives its row.
//
//   docs/m.md:7:3: warning: metric names should not contain abbreviated units
//   [lint-abbreviated-unit]
//
// Threads: pure functions.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "table/diagnostic.hpp"
#include "table/table.hpp"

namespace stele::tables {

struct lint_objection {
  std::string_view rule;  // with `lint-` in front
  std::string text;
};

/// All objections to one row, each rule at most once.
std::vector<lint_objection> lint(table_row const& row);

/// Whether a rule (without the `lint-`) exists.
bool is_lint_rule(std::string_view rule) noexcept;

/// The names of all rules, separated by commas, without the `lint-`.
std::string lint_rule_names();

/// Reports the objections that no row allows, and the allowances that allow nothing.
void check_lint(metric_table& table, diagnostics& found);

}  // namespace stele::tables
