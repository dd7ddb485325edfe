// self.cpp: what Stele knows of itself. Each row is read anew at each scrape, from what is kept
// anyway: no update counts anything for it.

#include "stele/self.hpp"

#include <array>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>

#include "core/memory.hpp"
#include "core/native_cell.hpp"
#include "core/open_row.hpp"
#include "core/readers.hpp"
#include "core/tables.hpp"
#include "stele/reading.hpp"

namespace stele::core {

namespace {

void add_one(sample_list& to, std::uint64_t value) { add_number(to, nullptr, number::of(value)); }

/// Collected before anything is added to a list, whose memory comes from operator new: a program
/// may count that in a metric, which takes the locks.
using named_values = vector<std::pair<std::string_view, std::uint64_t>>;

void add_all(sample_list& to, named_values const& seen) {
  for (auto const& [name, value] : seen) add_number(to, &name, number::of(value));
}

/// A value a table: value(table_state).
template <class Value>
void add_tables(sample_list& to, Value value) {
  named_values seen;
  {
    std::lock_guard const lock(all_tables().mutex);
    for (table_state* state : all_tables().all) {
      std::lock_guard const lock_table(state->mutex);
      seen.emplace_back(state->info.name, value(*state));
    }
  }
  add_all(to, seen);
}

/// A value a row in use of each table: value(row_state), where it has one.
template <class Value>
void add_rows(sample_list& to, Value value) {
  named_values seen;
  {
    std::lock_guard const lock(all_tables().mutex);
    for (table_state* state : all_tables().all) {
      std::lock_guard const lock_table(state->mutex);
      for (std::size_t i = 0; i < state->rows.size(); ++i) {
        row_state const& row = state->rows[i];
        if (!row.exposed.load(std::memory_order_relaxed)) continue;
        if (std::optional<std::uint64_t> const known = value(row))
          seen.emplace_back(state->info.rows[i]->name, *known);
      }
    }
  }
  add_all(to, seen);
}

std::size_t series_of(table_state const& state) {
  std::size_t count = 0;
  for (row_state const& row : state.rows)
    if (row.exposed.load(std::memory_order_relaxed))
      count += row.open != nullptr ? row.open->all().size() : row.closed_labels.size();
  return count;
}

using add_function = void (*)(sample_list& to);

// In the order of self_rows.
constexpr std::array<add_function, std::size(self_rows)> functions{
    [](sample_list& to) { add_one(to, gather_number.load(std::memory_order_relaxed) - 1); },
    [](sample_list& to) { add_one(to, native_bytes()); },
    [](sample_list& to) { add_one(to, open_block_bytes()); },
    [](sample_list& to) {
      add_rows(to, [](row_state const& row) {
        return std::optional(row.refused.load(std::memory_order_relaxed));
      });
    },
    [](sample_list& to) { add_tables(to, series_of); },
    [](sample_list& to) {
      add_rows(to, [](row_state const& row) {
        return row.open == nullptr ? std::nullopt : std::optional(row.open->ended);
      });
    },
    [](sample_list& to) {
      add_rows(to, [](row_state const& row) {
        return row.open == nullptr ? std::nullopt
                                   : std::optional(row.open->over.load(std::memory_order_relaxed));
      });
    },
    [](sample_list& to) {
      add_tables(to, [](table_state const& state) {
        return state.live.size() * 3 * std::size_t{state.info.slab_bytes};  // a cell and its shadow
      });
    },
    [](sample_list& to) {
      add_tables(to, [](table_state const& state) { return state.live.size(); });
    },
};

class self_reader final : public reader {
 public:
  explicit self_reader(add_function function) noexcept : function_(function) {}
  void read(sample_list& to) override { function_(to); }

 private:
  add_function function_;
};

}  // namespace

void feed_self_rows(table_link& link) {
  feeding const now(link, feeder::self);
  if (!now.first()) return;
  for (std::size_t row = 0; row < link.info->rows.size(); ++row)
    for (std::size_t i = 0; i < std::size(self_rows); ++i) {
      descriptor const& about = *link.info->rows[row];
      if (about.name != self_rows[i].name || about.source != source::sdk) continue;
      std::size_t const series = about.labels.empty() ? 0 : whole_row;
      add_reader(link, row, series, new self_reader(functions[i]), asked_by::gather);
      expose_row(link, row);
    }
}

}  // namespace stele::core
