// exposed_tables.hpp: the tables that a call names between < and >, as the library takes them.
//
//   core::gather(core::exposed_tables<my::table, stele_self::table>(), options);
//
// Threads: any.

#pragma once

#include <span>

#include "slab.hpp"
#include "table.hpp"

namespace stele::core {

/// Their rows stand in one exposition.
template <class... Tables>
std::span<table_link* const> exposed_tables() noexcept {
  static_assert(
      sizeof...(Tables) > 0,
      "gather<…>(), serve<…>(), push<…>() and serve_agents<…>() require at least one table: "
      "write gather<my::table>()");
  static_assert(tables_fit<Tables...>(),
                "tables that are exposed together require names that do not clash; two rows have "
                "the same name, or names that differ in a suffix that one of them takes "
                "(x_count beside a histogram x)");
  static constinit table_link* const links[]{&link_of<Tables>...};
  return links;
}

}  // namespace stele::core
