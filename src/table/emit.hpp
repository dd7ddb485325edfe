// emit.hpp: a checked table as a C++ header.
//
// The header holds data only: an enum a closed label, a struct a label set, a constexpr descriptor
// a row. The same table and options always give the same bytes.
//
//   std::string header = emit_header(table, {.namespace_name = "coderd", .input = "docs/coderd.md",
//                                            .output = "generated/coderd.hpp"});
//
// Threads: pure functions.

#pragma once

#include <string>
#include <string_view>

#include "table/table.hpp"

namespace stele::tables {

struct emit_options {
  std::string namespace_name;
  std::string input;                 // the page, as the banner shall name it
  std::string output;                // the header, likewise
  bool namespace_is_stated = false;  // with --namespace, which the banner then repeats
};

/// Whether a text can be the namespace of a header: an identifier that nothing else claims.
bool valid_namespace(std::string_view text) noexcept;

/// REQUIRES: the table is checked, the namespace valid.
std::string emit_header(metric_table const& table, emit_options const& options);

}  // namespace stele::tables
