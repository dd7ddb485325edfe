// markdown_cell.hpp: one cell of a pipe table: from cmark-gfm's nodes to text with places.
//
//   raw_cell const cell = read_cell(node, page, raw_span{begin, end});
//
// Threads: any, one page each.

#pragma once

#include <cmark-gfm.h>

#include <cstddef>

#include "table/raw_table.hpp"
#include "table/source.hpp"

namespace stele::tables {

/// Where a cell stands on the page, pipes excluded.
struct raw_span {
  std::size_t begin = 0;
  std::size_t end = 0;
};

/// `node` is a table cell whose inline nodes count columns from `first_column`, the column that
/// cmark-gfm gives the cell. Where its columns cannot be trusted (headings), pass `exact` false:
/// every byte then has the place of the cell's beginning.
raw_cell read_cell(cmark_node* node, source_text const& page, raw_span span, int first_column,
                   bool exact);

}  // namespace stele::tables
