#include "agents/aggregator_rows.hpp"

#include <algorithm>
#include <cstdint>
#include <mutex>
#include <vector>

#include "core/feed.hpp"
#include "stele/clock.hpp"
#include "stele/reading.hpp"

namespace stele::pushing {

namespace {

/// Never destroyed: a row may be read at the very end of the process.
struct source_list {
  std::mutex mutex;
  std::vector<aggregator_source const*> all;

  [[nodiscard]] aggregator_numbers sum() {
    std::lock_guard const lock(mutex);
    aggregator_numbers sum;
    for (aggregator_source const* each : all) {
      aggregator_numbers const one = each->count();
      sum.push_backlog += one.push_backlog;
      sum.collect_backlog += one.collect_backlog;
      sum.series += one.series;
      sum.delete_backlog += one.delete_backlog;
      sum.workspaces += one.workspaces;
    }
    return sum;
  }
};

source_list& sources() {
  static auto* const all = new source_list;
  return *all;
}

class number_reader final : public core::reader {
 public:
  explicit number_reader(std::size_t aggregator_numbers::* which) noexcept : which_(which) {}
  void read(core::sample_list& to) override {
    core::add_number(to, nullptr, number::of(sources().sum().*which_));
  }

 private:
  std::size_t aggregator_numbers::* which_;
};

struct fed_row {
  std::string_view name;
  std::size_t aggregator_numbers::* which;
};

constexpr fed_row rows[]{
    {"coderd_agent_aggregator_agent_push_backlog", &aggregator_numbers::push_backlog},
    {"coderd_agent_aggregator_collect_backlog", &aggregator_numbers::collect_backlog},
    {"coderd_agent_aggregator_count_total", &aggregator_numbers::series},
    {"coderd_agent_aggregator_delete_backlog", &aggregator_numbers::delete_backlog},
    {"coderd_agent_aggregator_workspace_count_total", &aggregator_numbers::workspaces},
};

}  // namespace

void feed_aggregator_rows(core::table_link& table) {
  if constexpr (!instruments_enabled) return;
  for (fed_row const& each : rows)
    core::feed_row(table, each.name, [&](std::size_t row) {
      core::add_reader(table, row, 0, new number_reader(each.which), core::asked_by::gather);
    });
}

aggregator_entry::aggregator_entry(aggregator_source const& of) : of_(&of) {
  std::lock_guard const lock(sources().mutex);
  sources().all.push_back(of_);
}

aggregator_entry::~aggregator_entry() {
  std::lock_guard const lock(sources().mutex);
  std::erase(sources().all, of_);
}

void timed_source::read(core::row_filter const* filter, core::snapshot_data& out) {
  std::int64_t const began = core::steady_now();
  of_.read(filter, out);
  observe_(static_cast<double>(core::steady_now() - began));
}

}  // namespace stele::pushing
