// aggregator_rows.hpp: what the coderd_agent_aggregator_* rows show: the sums over all agents'
// libraries that run in the process, of which there is one as a rule.
//
//   feed_aggregator_rows(link_of<coderd::table>);
//   aggregator_entry const entered(source);
//
// Threads: any. A source's count() is called with a lock held that its entry's end takes.

#pragma once

#include <cstddef>

#include "core/family_source.hpp"
#include "stele/aggregator_rows.hpp"
#include "stele/slab.hpp"

namespace stele::pushing {

struct aggregator_numbers {
  std::size_t push_backlog = 0;     // bundles in the queue
  std::size_t collect_backlog = 0;  // scrapes that wait for the gather of the pushed series
  std::size_t series = 0;           // held for exposition; a histogram is one
  std::size_t delete_backlog = 0;   // workspaces that have ended and are not reclaimed yet
  std::size_t workspaces = 0;       // with a live group
};

class aggregator_source {
 public:
  /// Any thread.
  [[nodiscard]] virtual aggregator_numbers count() = 0;

 protected:
  ~aggregator_source() = default;
};

/// Exposes and feeds the rows that a table has with Source `sdk`. Any number of times.
void feed_aggregator_rows(core::table_link& table);

/// A source is counted while its entry lives.
class aggregator_entry {
 public:
  explicit aggregator_entry(aggregator_source& of);
  /// Waits for a count that is being made.
  ~aggregator_entry();
  aggregator_entry(aggregator_entry const&) = delete;
  aggregator_entry& operator=(aggregator_entry const&) = delete;

 private:
  aggregator_source* of_;
};

/// A source of families whose gathers are timed.
class timed_source final : public core::family_source {
 public:
  /// REQUIRES: `of` outlives this.
  timed_source(core::family_source& of, core::collect_observer observe) noexcept
      : of_(of), observe_(observe) {}

  void read(core::row_filter const* filter, core::snapshot_data& out) override;

 private:
  core::family_source& of_;
  core::collect_observer observe_;
};

/// Of a table whose agents are shown with another.
class no_families final : public core::family_source {
 public:
  void read(core::row_filter const*, core::snapshot_data&) override {}
};

}  // namespace stele::pushing
