// content_hash.hpp: one number for what a table's cells are laid out by.
//
// Two shared objects may share a table's cells only if they were compiled from the same rows. The
// hash covers names, types, units, labels with their closed sets and distributions; descriptions
// and the page's other words may differ. It is the same on every machine and for every build.
//
// Threads: pure function.

#pragma once

#include <cstdint>

#include "table/table.hpp"

namespace stele::tables {

/// FNV-1a, 64 bits, over a canonical text of a checked (sorted) table.
std::uint64_t content_hash(metric_table const& table);

}  // namespace stele::tables
