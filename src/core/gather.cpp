// gather.cpp: one pass over the cells of the rows in use, then the callbacks.

#include <algorithm>
#include <bit>
#include <mutex>
#include <vector>

#include "core/ask_readers.hpp"
#include "core/cells.hpp"
#include "core/snapshot_data.hpp"
#include "core/snapshot_pool.hpp"
#include "core/summary_window.hpp"
#include "core/table_state.hpp"
#include "stele/sketch.hpp"
#include "stele/snapshot.hpp"

namespace stele::core {

namespace {

class table_gather {
 public:
  table_gather(table_state& state, snapshot_data& out) : state_(state), out_(out) {}

  void run() {
    {
      std::lock_guard const lock(state_.mutex);
      for (std::size_t row = 0; row < state_.rows.size(); ++row)
        if (state_.rows[row].exposed.load(std::memory_order_acquire)) read_row(row);
    }
    ask_readers(state_, places_, out_);
  }

 private:
  void read_row(std::size_t index) {
    descriptor const& row = *state_.info.rows[index];
    row_state& known = state_.rows[index];
    std::size_t const first = out_.series.size();
    if (known.open != nullptr) {
      for (series& each : known.open->all()) {
        cells_.assign(each.live.begin(), each.live.end());
        cells_.push_back(each.retired);
        read_series(row, each.labels, each.floor);
      }
    } else {
      places_.push_back({index, first});
      for (std::size_t i = 0; i < known.closed_labels.size(); ++i) {
        collect_closed(row, state_.info.offsets[index] + i * cell_bytes(row));
        read_series(row, known.closed_labels[i], known.floor[i]);
      }
    }
    out_.families.push_back({&row, first, out_.series.size()});
  }

  void collect_closed(descriptor const& row, std::size_t offset) {
    cells_.clear();
    if (in_shared_block(row)) {
      cells_.push_back({state_.shared + offset, nullptr});
      return;
    }
    for (slab_memory const& slab : state_.live)
      cells_.push_back({slab.cells + offset, slab.shadow + 2 * offset});
    cells_.push_back({state_.retired.cells + offset, state_.retired.shadow + 2 * offset});
  }

  void read_series(descriptor const& row, std::string_view labels, double& floor) {
    out_.series.push_back({labels, out_.values.size(), number::kind::floating});
    auto& kind = out_.series.back().kind;
    switch (row.type) {
      case metric_type::counter:
        if (row.integral()) {
          kind = number::kind::unsigned_integer;
          out_.values.push_back(total<std::uint64_t>());
        } else {
          push(raised(floor, total<double>()));
        }
        return;
      case metric_type::gauge:
      case metric_type::info:
      case metric_type::stateset:
        if (row.integral()) {
          kind = number::kind::signed_integer;
          out_.values.push_back(static_cast<std::uint64_t>(gauge_value<std::int64_t>()));
        } else {
          push(gauge_value<double>());
        }
        return;
      case metric_type::histogram: read_histogram_series(row, floor); return;
      case metric_type::summary: read_summary_series(row, floor); return;
    }
  }

  void read_histogram_series(descriptor const& row, double& floor) {
    std::size_t const size = row.bounds.size() + 1;
    std::size_t const first = out_.values.size();
    out_.values.resize(first + size, 0);
    scratch_.resize(size);
    double sum = 0;
    for (auto const& cell : cells_)
      read_histogram(row, cell.cell, cell.shadow, scratch_.data(), &out_.values[first], sum);
    bool const may_fall = !row.bounds.empty() && row.bounds.front() < 0;
    push(may_fall ? sum : raised(floor, sum));
  }

  void read_summary_series(descriptor const& row, double& floor) {
    window_.clear();
    for (auto const& cell : cells_)
      if (sketch* const part =
              reinterpret_cast<sketch_cell const*>(cell.cell)->load(std::memory_order_acquire))
        window_.add(*part);
    for (double const quantile : row.quantiles) push(window_.quantile(quantile));
    push(window_.saw_negative() ? window_.sum() : raised(floor, window_.sum()));
    out_.values.push_back(window_.count());
  }

  template <class Number>
  [[nodiscard]] Number total() const noexcept {
    Number sum{};
    for (auto const& cell : cells_)
      sum += reinterpret_cast<counter_cell<Number> const*>(cell.cell)->read();
    return sum;
  }

  template <class Number>
  [[nodiscard]] Number gauge_value() const noexcept {
    return reinterpret_cast<gauge_cell<Number> const*>(cells_.back().cell)->read();
  }

  /// Folding reorders floating-point additions, which may lower a total by one unit in the last
  /// place; to Prometheus that would be a reset. So the highest total exposed is kept.
  static double raised(double& floor, double value) noexcept {
    floor = std::max(floor, value);
    return floor;
  }

  void push(double value) { out_.values.push_back(std::bit_cast<std::uint64_t>(value)); }

  table_state& state_;
  snapshot_data& out_;
  std::vector<series::thread_cell> cells_;  // of the series at hand
  std::vector<std::uint64_t> scratch_;
  std::vector<closed_place> places_;
  summary_window window_;
};

}  // namespace

snapshot gather(std::span<table_link* const> tables) {
  snapshot_data& data = *take_from_pool();
  snapshot result(&data);
  // Before the pass: what was observed before the window is not in this snapshot.
  tick_summary_epoch();
  for (table_link* link : tables) table_gather(state_of(*link), data).run();
  std::sort(data.families.begin(), data.families.end(),
            [](auto const& a, auto const& b) { return a.about->name < b.about->name; });
  return result;
}

}  // namespace stele::core
