// process.hpp: the rows about the process itself, read from the operating system at scrape time.
//
//   stele::feed_process_rows<my::table>();
//
// serve() does this already. Threads: any, any number of times; the rows are fed once.

#pragma once

#include <string_view>

#include "slab.hpp"
#include "table.hpp"

namespace stele {

namespace core {

/// The rows that Stele feeds from /proc and getrlimit, by their names in Prometheus's "Standard and
/// runtime collectors".
inline constexpr std::string_view process_rows[]{
    "process_cpu_seconds_total",
    "process_max_fds",
    "process_open_fds",
    "process_resident_memory_bytes",
    "process_start_time_seconds",
    "process_virtual_memory_bytes",
    "process_virtual_memory_max_bytes",
};

/// Exposes and feeds those that the table has, with Source `sdk`.
STELE_API void feed_process_rows(table_link& link);

/// Whether a row that Stele feeds has the type that it is fed as.
constexpr bool process_row_fits(descriptor const& row) noexcept {
  bool const counts = row.name == process_rows[0];
  return row.labels.empty() && row.type == (counts ? metric_type::counter : metric_type::gauge);
}

template <class Table>
constexpr bool process_rows_fit() noexcept {
  for (descriptor const* row : Table::descriptors)
    for (std::string_view name : process_rows)
      if (row->name == name && row->source == source::sdk && !process_row_fits(*row)) return false;
  return true;
}

}  // namespace core

/// Feeds the process_* rows that a table has with Source `sdk`. A value that cannot be read is left
/// out of the scrape; it is never shown as 0.
template <class Table>
void feed_process_rows() {
  static_assert(core::process_rows_fit<Table>(),
                "a process_* row with Source 'sdk' requires no labels and the type gauge "
                "(process_cpu_seconds_total: counter); correct the table");
  if constexpr (instruments_enabled) core::feed_process_rows(link_of<Table>);
}

}  // namespace stele
