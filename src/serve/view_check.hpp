// view_check.hpp: what of a view leads nowhere in the tables that are served, such as a misspelt
// name.
//
//   for (std::string const& doubt : doubts_about(view, tables)) say(doubt);
//
// It is no error: what agents push is in no table.
//
// Threads: pure functions.

#pragma once

#include <span>
#include <string>
#include <vector>

#include "stele/slab.hpp"
#include "stele/view.hpp"

namespace stele::serving {

/// A sentence each, without its full stop. Throws std::bad_alloc.
std::vector<std::string> doubts_about(view const& of, std::span<core::table_link* const> tables);

}  // namespace stele::serving
