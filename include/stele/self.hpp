// self.hpp: the rows about Stele itself: docs/stele.md has them.
//
//   stele::feed_self_rows<stele_self::table>();
//
// serve() does this already. Threads: any, any number of times; the rows are fed once.

#pragma once

#include <string_view>

#include "slab.hpp"
#include "table.hpp"

namespace stele {

namespace core {

/// A row that Stele feeds with what it knows of itself. `label` is empty where it has none.
struct self_row {
  std::string_view name;
  metric_type type;
  std::string_view label;
};

inline constexpr self_row self_rows[]{
    {"stele_gathers_total", metric_type::counter, ""},
    {"stele_native_bucket_bytes", metric_type::gauge, ""},
    {"stele_open_series_bytes", metric_type::gauge, ""},
    {"stele_refused_updates_total", metric_type::counter, "metric"},
    {"stele_series", metric_type::gauge, "table"},
    {"stele_series_ended_total", metric_type::counter, "metric"},
    {"stele_series_overflows_total", metric_type::counter, "metric"},
    {"stele_slab_bytes", metric_type::gauge, "table"},
    {"stele_threads", metric_type::gauge, "table"},
};

/// Exposes and feeds those that the table has, with Source `sdk`.
STELE_API void feed_self_rows(table_link& link);

/// Whether a row has the type and the label that it is fed with.
constexpr bool self_row_fits(descriptor const& row, self_row const& fed) noexcept {
  if (row.type != fed.type) return false;
  if (fed.label.empty()) return row.labels.empty();
  return row.labels.size() == 1 && row.labels[0].name == fed.label && !row.labels[0].closed();
}

template <class Table>
constexpr bool self_rows_fit() noexcept {
  for (descriptor const* row : Table::descriptors)
    for (self_row const& fed : self_rows)
      if (row->name == fed.name && row->source == source::sdk && !self_row_fits(*row, fed))
        return false;
  return true;
}

}  // namespace core

/// Feeds the stele_* rows that a table has with Source `sdk`.
template <class Table>
void feed_self_rows() {
  static_assert(
      core::self_rows_fit<Table>(),
      "a stele_* row with Source 'sdk' requires the type and the label that docs/stele.md "
      "gives it; correct the table");
  if constexpr (instruments_enabled) core::feed_self_rows(link_of<Table>);
}

}  // namespace stele
