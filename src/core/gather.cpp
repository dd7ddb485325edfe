#include "core/gather.hpp"

#include <algorithm>
#include <bit>
#include <mutex>
#include <span>

#include "core/exemplar_source.hpp"
#include "core/family_source.hpp"
#include "core/histogram_reader.hpp"
#include "core/snapshot_data.hpp"
#include "core/summary_window.hpp"
#include "core/table_state.hpp"
#include "core/tables.hpp"
#include "stele/sketch.hpp"
#include "stele/stateset.hpp"

namespace stele::core {

namespace {

class table_gather {
 public:
  table_gather(table_state& state, row_filter const* filter, snapshot_data& out,
               std::uint32_t number)
      : state_(state),
        filter_(filter),
        out_(out),
        number_(number),
        cells_(state.tools.cells),
        histogram_(state.tools.histogram),
        window_(state.tools.window) {}

  /// REQUIRES: the table's mutex is held.
  void run() {
    state_.fold_ended();
    if (state_.constant_labels != nullptr) out_.kept.push_back(state_.constant_labels);
    for (std::size_t row = 0; row < state_.rows.size(); ++row) {
      if (!state_.rows[row].exposed.load(std::memory_order_acquire)) continue;
      if (filter_ == nullptr || filter_->wants(state_.info, *state_.info.rows[row])) read_row(row);
    }
    state_.gathered = number_;
    if (has_exemplar_source()) state_.ask_for_samples();
  }

 private:
  void read_row(std::size_t index) {
    std::size_t const first = out_.runs.size();
    if (state_.rows[index].open != nullptr)
      read_open_row(*state_.info.rows[index], *state_.rows[index].open);
    else
      read_closed_row(index);
    out_.families.push_back(
        {state_.info.rows[index], first, out_.runs.size(), state_.constant_labels.get()});
  }

  void read_closed_row(std::size_t index) {
    descriptor const& row = *state_.info.rows[index];
    row_state& known = state_.rows[index];
    out_.pages.push_back(known.closed_labels.again());
    begin_run(row, known.closed_labels, 0);
    for (std::size_t i = 0; i < closed_series_count(row); ++i) {
      collect_closed(index, i);
      read_series(row, known.floor[i]);
      read_exemplars(row, known.exemplars.load(std::memory_order_acquire),
                     i * exemplar_places(row));
    }
  }

  void read_open_row(descriptor const& row, open_row& open) {
    state_.expire(open, steady_now());
    open.trim();
    series_list::shelf const* kept = nullptr;
    for (series_list::shelf const& shelf : open.all().shelves()) {
      std::span<series_list::place const> const places(shelf.places);
      auto const is_hole = [](series_list::place const& place) { return place.of == nullptr; };
      for (auto at = places.begin(); at != places.end();) {
        at = std::find_if_not(at, places.end(), is_hole);
        auto const end = std::find_if(at, places.end(), is_hole);
        if (at == end) break;
        if (&shelf != kept) out_.pages.push_back(shelf.page.again());
        kept = &shelf;
        begin_run(row, shelf.page, static_cast<std::size_t>(at - places.begin()));
        read_open_series(row, std::span(at, end));
        at = end;
      }
    }
  }

  void read_open_series(descriptor const& row, std::span<series_list::place const> places) {
    if (row.is_shared()) return read_set_series(row, places);
    for (std::size_t i = 0; i < places.size(); ++i) {
      series& each = *places[i].of;
      cells_.clear();
      each.for_each_cell([this](series::thread_cell cell) { cells_.push_back(cell); });
      read_series(row, each.floor);
      read_exemplars(row, each.exemplars(), 0);
    }
  }

  /// Each has one cell, somewhere in memory: nothing but loads, so that many are under way at once.
  template <class Cell>
  void read_each(std::span<series_list::place const> places) {
    std::size_t const first = out_.values.size();
    out_.values.resize(first + places.size());
    for (std::size_t i = 0; i < places.size(); ++i) {
      auto const value = reinterpret_cast<Cell const*>(places[i].value)->read();
      out_.values[first + i] = std::bit_cast<std::uint64_t>(value);
    }
  }

  void read_set_series(descriptor const& row, std::span<series_list::place const> places) {
    out_.runs.back().count = static_cast<std::uint32_t>(places.size());
    if (row.type == metric_type::info)
      out_.values.insert(out_.values.end(), places.size(), 1);
    else if (row.type == metric_type::stateset)
      read_each<state_cell>(places);
    else if (row.integral())
      read_each<gauge_cell<std::int64_t>>(places);
    else
      read_each<gauge_cell<double>>(places);
  }

  /// The series that are read from here on stand on a page, one behind the other. REQUIRES: the
  /// snapshot keeps the page.
  void begin_run(descriptor const& row, label_page_use const& page, std::size_t first) {
    std::int64_t const* const created = page->created();
    out_.runs.push_back({page->texts(first), created == nullptr ? nullptr : created + first,
                         out_.values.size(), 0, kind_of(row)});
  }

  /// The cells of one closed series, of all threads. A page that is not there counts nothing.
  void collect_closed(std::size_t index, std::size_t series) {
    descriptor const& row = *state_.info.rows[index];
    std::size_t const at = series * cell_bytes(row);
    cells_.clear();
    if (in_shared_block(row)) {
      if (std::byte* const cells = cells_of(state_.info, index, state_.shared))
        cells_.push_back({cells + at, nullptr});
      return;
    }
    auto const add = [&](slab_memory const& slab) {
      std::byte* const cells = cells_of(state_.info, index, slab.cells);
      if (cells == nullptr) return;
      cells_.push_back({cells + at, shadows_of(state_.info, index, slab) + 2 * at});
    };
    for (attachment const* each : state_.live) add(each->slab);
    state_.rows[index].for_each_signal_part([&](signal_part& part) {
      cells_.push_back({static_cast<std::byte*>(part.cells) + at, nullptr});
    });
    add(state_.retired);
  }

  /// The kind of number that a series of one value has.
  static number::kind kind_of(descriptor const& row) noexcept {
    if (row.type == metric_type::info || row.type == metric_type::stateset)
      return number::kind::unsigned_integer;
    if (!row.integral()) return number::kind::floating;
    return row.type == metric_type::gauge ? number::kind::signed_integer
                                          : number::kind::unsigned_integer;
  }

  void read_series(descriptor const& row, double& floor) {
    ++out_.runs.back().count;
    first_value_ = out_.values.size();
    switch (row.type) {
      case metric_type::counter:
        if (row.integral())
          out_.values.push_back(total<std::uint64_t>());
        else
          push(raised(floor, total<double>()));
        return;
      case metric_type::info: out_.values.push_back(1); return;
      case metric_type::stateset: out_.values.push_back(set_value<state_cell>()); return;
      case metric_type::gauge:
        if (row.integral())
          out_.values.push_back(static_cast<std::uint64_t>(set_value<gauge_cell<std::int64_t>>()));
        else
          push(set_value<gauge_cell<double>>());
        return;
      case metric_type::histogram: read_histogram_series(row, floor); return;
      case metric_type::summary: read_summary_series(row, floor); return;
      case metric_type::unknown: return;  // of no row
    }
  }

  /// Those of the series that was read last.
  void read_exemplars(descriptor const& row, exemplar_table const* from, std::size_t first_place) {
    if (from == nullptr) return;
    for (std::size_t i = 0; i < exemplar_places(row); ++i) {
      if (!from->read(first_place + i, exemplar_)) continue;
      std::size_t const at = out_.exemplar_text.size();
      auto const* const text = exemplar_.text.data();
      out_.exemplar_text.insert(out_.exemplar_text.end(), text, text + exemplar_.size);
      out_.exemplars.push_back(
          {first_value_ + i, exemplar_.value, exemplar_.milliseconds, at, at + exemplar_.size});
    }
  }

  void read_histogram_series(descriptor const& row, double& floor) {
    histogram_.start(row);
    for (auto const& cell : cells_) histogram_.add(cell.cell, cell.shadow);
    auto const counts = histogram_.counts();
    out_.values.insert(out_.values.end(), counts.begin(), counts.end());
    push(histogram_.sum_may_fall() ? histogram_.sum() : raised(floor, histogram_.sum()));
    if (row.native()) append_native(histogram_.native(), out_.values);
  }

  void read_summary_series(descriptor const& row, double& floor) {
    window_.clear();
    for (auto const& cell : cells_) window_.add(*reinterpret_cast<sketch*>(cell.cell));
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

  /// Of a row that is set: 0 where its page is not there yet.
  template <class Cell>
  [[nodiscard]] decltype(Cell().read()) set_value() const noexcept {
    if (cells_.empty()) return Cell().read();
    return reinterpret_cast<Cell const*>(cells_.back().cell)->read();
  }

  /// Folding reorders floating-point additions, which may lower a total by one unit in the last
  /// place; to Prometheus that would be a reset. So the highest total exposed is kept.
  static double raised(double& floor, double value) noexcept {
    floor = std::max(floor, value);
    return floor;
  }

  void push(double value) { out_.values.push_back(std::bit_cast<std::uint64_t>(value)); }

  table_state& state_;
  row_filter const* filter_;
  snapshot_data& out_;
  std::uint32_t number_;
  std::size_t first_value_ = 0;                                 // of the series that was read last
  vector<series::thread_cell, memory_part::snapshots>& cells_;  // of the series at hand
  histogram_reader& histogram_;
  summary_window& window_;
  exemplar_copy exemplar_;
};

}  // namespace

void read_cells(std::span<table_link* const> tables, row_filter const* filter, snapshot_data& out) {
  // Before the pass: what was observed before the window is not in this snapshot.
  tick_summary_epoch();
  std::uint32_t const number = gather_number.fetch_add(1, std::memory_order_relaxed) + 1;
  for (table_link* link : tables) {
    pin_object_of(*link);
    table_state& state = state_of(*link);
    std::lock_guard const lock(state.mutex);
    table_gather(state, filter, out, number).run();
  }
  for (table_link* link : tables) source_read(state_of(*link)).read(filter, out);
}

}  // namespace stele::core
