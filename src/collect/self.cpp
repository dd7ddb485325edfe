// self.cpp: what Stele knows of itself. Each row is read anew at each scrape, from what is kept
// anyway: no update counts anything for it.

#include "stele/self.hpp"

#include <array>
#include <cstddef>
#include <iterator>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>

#include "core/feed.hpp"
#include "core/memory.hpp"
#include "core/open_row.hpp"
#include "core/pushes.hpp"
#include "core/readers.hpp"
#include "core/reloads.hpp"
#include "core/tables.hpp"
#include "stele/reading.hpp"

namespace stele::core {

namespace {

/// A value a table: value(table_state).
template <class Value>
void add_tables(sample_list& to, Value value) {
  std::lock_guard const lock(all_tables().mutex);
  for (table_state* state : all_tables().all) {
    std::lock_guard const lock_table(state->mutex);
    add_number(to, &state->info.name, number::of(value(*state)));
  }
}

/// A value a row in use of each table: value(row_state), where it has one.
template <class Value>
void add_rows(sample_list& to, Value value) {
  std::lock_guard const lock(all_tables().mutex);
  for (table_state* state : all_tables().all) {
    std::lock_guard const lock_table(state->mutex);
    for (std::size_t i = 0; i < state->rows.size(); ++i) {
      row_state const& row = state->rows[i];
      if (!row.exposed.load(std::memory_order_relaxed)) continue;
      if (std::optional<std::uint64_t> const known = value(row))
        add_number(to, &state->info.rows[i]->name, number::of(*known));
    }
  }
}

static_assert(std::size(memory_part_names) == memory_parts);

void add_memory(sample_list& to) {
  for (std::size_t i = 0; i < std::size(memory_part_names); ++i)
    add_number(to, &memory_part_names[i], number::of(memory_bytes(static_cast<memory_part>(i))));
}

std::size_t series_of(table_state const& state) {
  std::size_t count = 0;
  for (row_state const& row : state.rows)
    if (row.exposed.load(std::memory_order_relaxed))
      count += row.open != nullptr ? row.open->all().size() : row.closed_labels->size();
  return count;
}

using add_function = void (*)(sample_list& to);

// In the order of self_rows.
constexpr std::array<add_function, std::size(self_rows)> functions{
    [](sample_list& to) {
      for (std::size_t i = 0; i < std::size(claim_result_names); ++i)
        add_number(to, &claim_result_names[i], number::of(pushes::counted_claims(i)));
    },
    [](sample_list& to) { add_number(to, nullptr, number::of(pushes::counted_other_helps())); },
    [](sample_list& to) {
      for (std::size_t i = 0; i < std::size(push_result_names); ++i)
        add_number(to, &push_result_names[i], number::of(pushes::counted(i)));
    },
    [](sample_list& to) {
      for (std::size_t i = 0; i < std::size(push_refusal_names); ++i)
        add_number(to, &push_refusal_names[i], number::of(pushes::counted_refused(i)));
    },
    [](sample_list& to) {
      add_number(to, nullptr, number::of(gather_number.load(std::memory_order_relaxed) - 1));
    },
    add_memory,
    [](sample_list& to) {
      add_rows(to, [](row_state const& row) { return std::optional(row.refused_updates()); });
    },
    [](sample_list& to) {
      for (std::size_t i = 0; i < std::size(reload_outcome_names); ++i)
        add_number(to, &reload_outcome_names[i], number::of(reloads::counted(i)));
    },
    [](sample_list& to) { add_tables(to, series_of); },
    [](sample_list& to) {
      add_rows(to, [](row_state const& row) {
        return row.open == nullptr ? std::nullopt : std::optional(row.open->ended);
      });
    },
    [](sample_list& to) {
      add_rows(to, [](row_state const& row) {
        return row.open == nullptr
                   ? std::nullopt
                   : std::optional(row.open->overflows.load(std::memory_order_relaxed));
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
  for (std::size_t i = 0; i < std::size(self_rows); ++i)
    feed_row(link, self_rows[i].name, [&](std::size_t row) {
      std::size_t const series = self_rows[i].label.empty() ? 0 : whole_row;
      add_reader(link, row, series, new self_reader(functions[i]), asked_by::gather);
    });
}

}  // namespace stele::core
