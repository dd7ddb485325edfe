// feed.hpp: the rows that the library feeds itself, once a process.
//
//   feed_row(link, "stele_gathers_total", [&](std::size_t row) {
//     add_reader(link, row, 0, new gathers_reader, asked_by::gather);
//   });
//
// Threads: any, any number of times. No lock is held: exposing a row takes the loader's, which may
// be held where a static constructor calls this.

#pragma once

#include <atomic>
#include <cstddef>
#include <string_view>

#include "core/table_state.hpp"

namespace stele::core {

/// Calls add(row), which registers the row's readers, where the table has a row of this name with
/// Source `sdk`, and exposes it. Of two calls the second does nothing, unless the first threw.
template <class Add>
void feed_row(table_link& link, std::string_view name, Add add) {
  for (std::size_t row = 0; row < link.info->rows.size(); ++row) {
    descriptor const& about = *link.info->rows[row];
    if (about.name != name || about.source != source::sdk) continue;
    std::atomic<bool>& fed = state_of(link).rows[row].fed;
    if (fed.exchange(true)) return;
    try {
      add(row);
    } catch (...) {
      fed = false;
      throw;
    }
    expose_row(link, row);
    return;
  }
}

}  // namespace stele::core
