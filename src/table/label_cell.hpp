// label_cell.hpp: the grammar of a Labels cell, and of labels in a name cell.
//
//   labels  = nothing | none | [] | label { separator label }
//   label   = name                          open: any value
//           | name{value,value,…}           closed: these values
//           | name=<placeholder>, name="…"  open; name=<a|b|c> is closed
//   Names are separated by spaces, commas, line breaks or "and".
//   After a name may stand a remark: in parentheses, or from a colon to the line's end.
//
// What is neither is refused at its place, above all prose: words of a sentence would otherwise
// become labels.
//
// Threads: any, one page each.

#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "table/diagnostic.hpp"
#include "table/raw_table.hpp"
#include "table/table.hpp"

namespace stele::tables {

/// Reads the text [begin, end) of a cell; nothing where it was refused.
std::optional<std::vector<table_label>> read_labels(raw_cell const& cell, std::size_t begin,
                                                    std::size_t end, metric_type type,
                                                    diagnostics& found);

}  // namespace stele::tables
