// aggregator_rows.hpp: the rows about the pushed series, which serve_agents() feeds where a table
// has them with Source `sdk`.
//
//   static_assert(stele::core::aggregator_rows_fit<coderd::table>());
//   stele::core::observe_collect<coderd::table>(1'250'000.0);
//
// Threads: constants, and a function that any thread may call.

#pragma once

#include <cstddef>
#include <string_view>

#include "self.hpp"
#include "summary.hpp"
#include "table.hpp"

namespace stele::core {

inline constexpr std::string_view collect_time_row = "coderd_agent_aggregator_collect_nanoseconds";

inline constexpr self_row aggregator_rows[]{
    {"coderd_agent_aggregator_agent_push_backlog", metric_type::gauge, ""},
    {"coderd_agent_aggregator_collect_backlog", metric_type::gauge, ""},
    {collect_time_row, metric_type::summary, ""},
    {"coderd_agent_aggregator_count_total", metric_type::gauge, ""},
    {"coderd_agent_aggregator_delete_backlog", metric_type::gauge, ""},
    {"coderd_agent_aggregator_workspace_count_total", metric_type::gauge, ""},
};

template <class Table>
constexpr bool aggregator_rows_fit() noexcept {
  for (descriptor const* row : Table::descriptors)
    for (self_row const& fed : aggregator_rows)
      if (row->name == fed.name && row->source == source::sdk && !self_row_fits(*row, fed))
        return false;
  return true;
}

/// Observes how long a gather of the pushed series took, where the table has a row for it.
template <class Table>
void observe_collect([[maybe_unused]] double nanoseconds) noexcept {
  constexpr std::size_t index = row_index<Table>(collect_time_row);
  if constexpr (index != std::size(Table::descriptors)) {
    using row =
        typename detail::row_at<index, typename Table::template row_types<detail::row_list>>::type;
    if constexpr (row::about.source == source::sdk) summary<row>().observe(nanoseconds);
  }
}

/// The same for several tables.
using collect_observer = void (*)(double nanoseconds) noexcept;
template <class... Tables>
inline constexpr collect_observer observes_collect =
    [](double nanoseconds) noexcept { (observe_collect<Tables>(nanoseconds), ...); };

}  // namespace stele::core
