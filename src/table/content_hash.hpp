// content_hash.hpp: one number for what a generated header says of its rows.
//
// Two shared objects may share a table's cells only if they were compiled from the same rows: the
// hash covers every field of a descriptor. What else the page says may differ. It is the same on
// every machine and for every build.
//
//   content_hash(read_rows(page)) == coderd::table::content_hash
//
// Threads: pure function.

#pragma once

#include <cstdint>

#include "table/table.hpp"

namespace stele::tables {

/// FNV-1a, 64 bits, over a canonical text of a checked (sorted) table.
std::uint64_t content_hash(metric_table const& table);

}  // namespace stele::tables
