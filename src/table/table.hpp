// table.hpp: a metric table as the compiler understands it.
//
// The owning twin of stele::descriptor: what the cells stage makes of raw rows, the check stage
// completes and the emit stage writes as a header.
//
//   table_row row{.name = "jobs_total", .type = metric_type::counter, .help = "Jobs done."};
//
// Threads: values.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "stele/descriptor.hpp"

namespace stele::tables {

struct table_label {
  std::string name;
  std::vector<std::string> values;  // the closed set in the page's order; none for an open label

  friend bool operator==(table_label const&, table_label const&) = default;
};

/// A lint objection that a row answers: `allow counter-suffix: reason`.
struct lint_allowance {
  std::string rule;  // without the `lint-` in front
  std::string reason;
  std::size_t offset = 0;
  bool used = false;
};

/// Where on the page the parts of a row stand, for diagnostics.
struct row_places {
  std::size_t name = 0;
  std::size_t type = 0;
  std::size_t help = 0;
  std::size_t labels = 0;
  std::size_t source = 0;
};

struct table_row {
  std::string name;
  metric_type type = metric_type::gauge;
  std::string help;
  stele::unit unit = unit::none;
  stele::source source = source::service;
  bool source_is_empty = false;  // the table has a Source column, and the row's cell says nothing
  std::string absent_reason;
  std::vector<table_label> labels;
  std::vector<double> bounds;
  std::int8_t native_schema = no_native;
  std::vector<double> quantiles;
  std::vector<std::string> states;  // a stateset's, in the page's order; not among its labels
  bool openmetrics_unknown = false;
  std::vector<lint_allowance> allowances;
  row_places at;
};

/// Sorted by name once it is checked.
using metric_table = std::vector<table_row>;

/// A view of a row that the rules of stele::naming take. It lives as long as the row; labels and
/// distribution are left out.
descriptor described(table_row const& row) noexcept;

}  // namespace stele::tables
