// self.hpp: the rows about Stele itself: docs/stele.md has them.
//
//   stele::feed_self_rows<stele_self::table>();
//
// serve() does this already. Threads: any, any number of times; the rows are fed once.

#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "slab.hpp"
#include "table.hpp"

namespace stele {

namespace core {

/// What memory is for: the values of the label `part`, in the table's order.
inline constexpr std::string_view memory_part_names[]{
    "exemplars", "native_buckets", "open_blocks", "open_series", "pages",  "pushed_series",
    "readings",  "sketches",       "slabs",       "snapshots",   "tables", "thread_maps",
};

/// What becomes of a changed configuration file: the values of the label `outcome`.
inline constexpr std::string_view reload_outcome_names[]{"used", "refused"};

/// What becomes of a push of an agent: the values of the label `result`.
inline constexpr std::string_view push_result_names[]{
    "applied",   "cut",        "deleted", "forbidden", "limit",        "malformed",
    "no_memory", "queue_full", "stale",   "too_large", "unauthorized", "unsupported",
};

/// Why a family of a push is refused while the rest is taken: the values of the label `reason`.
inline constexpr std::string_view push_refusal_names[]{
    "name", "label", "type", "duplicate", "suffix", "value", "aggregation",
};

/// What becomes of a claim: those of ours to a peer each, and those that peers send. The values of
/// the label `result`.
inline constexpr std::string_view claim_result_names[]{"failed", "received", "refused", "sent"};

/// A row that Stele feeds with what it knows of itself. `label` is empty where it has none, and
/// `values` where it is open.
struct self_row {
  std::string_view name;
  metric_type type;
  std::string_view label;
  std::span<std::string_view const> values{};
};

inline constexpr self_row self_rows[]{
    {"stele_agents_claims_total", metric_type::counter, "result", claim_result_names},
    {"stele_agents_other_helps_total", metric_type::counter, ""},
    {"stele_agents_pushes_total", metric_type::counter, "result", push_result_names},
    {"stele_agents_refused_families_total", metric_type::counter, "reason", push_refusal_names},
    {"stele_gathers_total", metric_type::counter, ""},
    {"stele_memory_bytes", metric_type::gauge, "part", memory_part_names},
    {"stele_refused_updates_total", metric_type::counter, "metric"},
    {"stele_reloads_total", metric_type::counter, "outcome", reload_outcome_names},
    {"stele_series", metric_type::gauge, "table"},
    {"stele_series_ended_total", metric_type::counter, "metric"},
    {"stele_series_overflows_total", metric_type::counter, "metric"},
    {"stele_threads", metric_type::gauge, "table"},
};

/// Exposes and feeds those that the table has, with Source `sdk`.
STELE_API void feed_self_rows(table_link& link);

/// Whether a row has the type and the label that it is fed with.
constexpr bool self_row_fits(descriptor const& row, self_row const& fed) noexcept {
  if (row.type != fed.type) return false;
  if (fed.label.empty()) return row.labels.empty();
  if (row.labels.size() != 1 || row.labels[0].name != fed.label) return false;
  auto const values = row.labels[0].values;
  bool same = values.size() == fed.values.size();
  for (std::size_t i = 0; same && i < values.size(); ++i) same = values[i] == fed.values[i];
  return same;
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
