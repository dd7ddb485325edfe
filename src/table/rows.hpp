// rows.hpp: from raw rows to table rows: every cell read, every fault reported.
//
//   row_counts counts;
//   metric_table table = read_rows(raw_tables, found, counts);
//
// Threads: any, one page each.

#pragma once

#include <cstddef>
#include <vector>

#include "table/diagnostic.hpp"
#include "table/raw_table.hpp"
#include "table/table.hpp"

namespace stele::tables {

/// What became of a page's rows. Each is counted once.
struct row_counts {
  std::size_t compiled = 0;
  std::size_t merged = 0;   // repeats of an earlier row
  std::size_t refused = 0;  // an error stands at the row
  std::size_t skipped = 0;  // in tables that list no metrics, or empty

  [[nodiscard]] std::size_t all() const noexcept { return compiled + merged + refused + skipped; }
};

/// The rows that can be compiled, in the page's order, repeats included. Counts what is refused or
/// skipped here.
metric_table read_rows(std::vector<raw_table> const& tables, diagnostics& found,
                       row_counts& counts);

}  // namespace stele::tables
