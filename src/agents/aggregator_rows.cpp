#include "agents/aggregator_rows.hpp"

#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "core/feed.hpp"
#include "stele/clock.hpp"
#include "stele/open_block.hpp"
#include "stele/reading.hpp"

namespace stele::pushing {

namespace {

/// Of one process: in the child of a fork its locks, and its sources', may be held by threads that
/// are not there. Never destroyed: a row may be read at the very end of the process.
class source_list {
 public:
  [[nodiscard]] bool is_here() const noexcept { return process_ == ::getpid(); }

  void add(aggregator_source& source) {
    std::lock_guard const lock(mutex_);
    all_.push_back(&source);
    summed_in_ = 0;
  }
  void remove(aggregator_source& source) noexcept {
    std::lock_guard const lock(mutex_);
    std::erase(all_, &source);
    summed_in_ = 0;
  }

  /// Counted once a gather, for all rows.
  [[nodiscard]] aggregator_numbers sum() {
    std::lock_guard const lock(mutex_);
    std::uint32_t const gather = core::gather_number.load(std::memory_order_relaxed);
    if (summed_in_ == gather) return sum_;
    sum_ = {};
    for (aggregator_source* each : all_) {
      aggregator_numbers const one = each->count();
      sum_.push_backlog += one.push_backlog;
      sum_.collect_backlog += one.collect_backlog;
      sum_.series += one.series;
      sum_.delete_backlog += one.delete_backlog;
      sum_.workspaces += one.workspaces;
    }
    summed_in_ = gather;
    return sum_;
  }

 private:
  pid_t const process_ = ::getpid();
  std::mutex mutex_;
  std::vector<aggregator_source*> all_;
  aggregator_numbers sum_;
  std::uint32_t summed_in_ = 0;  // which gather; 0: none
};

constinit std::atomic<source_list*> this_process{nullptr};

/// Throws std::bad_alloc.
source_list& sources() {
  source_list* now = this_process.load(std::memory_order_acquire);
  if (now != nullptr && now->is_here()) return *now;
  auto made = std::make_unique<source_list>();
  if (this_process.compare_exchange_strong(now, made.get(), std::memory_order_acq_rel))
    return *made.release();
  return *now;  // another thread was first
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

aggregator_entry::aggregator_entry(aggregator_source& of) : of_(&of) { sources().add(of); }

aggregator_entry::~aggregator_entry() {
  source_list* const all = this_process.load(std::memory_order_acquire);
  if (all != nullptr && all->is_here()) all->remove(*of_);
}

void timed_source::read(core::row_filter const* filter, core::snapshot_data& out) {
  std::int64_t const began = core::steady_now();
  of_.read(filter, out);
  if (filter == nullptr) observe_(static_cast<double>(core::steady_now() - began));
}

}  // namespace stele::pushing
