// info_rows.cpp: which series an info row shows. What a row showed once stays in memory, hidden:
// the open row forgets nothing yet. A series' floor, which else only totals have, says whether it
// is shown.

#include <mutex>
#include <new>

#include "core/table_state.hpp"
#include "stele/info.hpp"

namespace stele::core {

void show_info(table_link& link, std::size_t row, std::string_view const* values, std::size_t,
               bool alone) noexcept try {
  table_state& state = state_of(link);
  std::lock_guard const lock(state.mutex);
  open_row& all = *state.rows[row].open;
  series& shown = all.find(values);
  if (alone)
    for (series& each : all.all()) each.floor = 0;
  shown.floor = 1;
} catch (std::bad_alloc const&) {
  return;
}

bool hide_info(table_link& link, std::size_t row, std::string_view const* values,
               std::size_t) noexcept try {
  table_state& state = state_of(link);
  std::lock_guard const lock(state.mutex);
  series& hidden = state.rows[row].open->find(values);
  bool const was_shown = hidden.floor != 0;
  hidden.floor = 0;
  return was_shown;
} catch (std::bad_alloc const&) {
  return false;
}

void clear_info(table_link& link, std::size_t row) noexcept {
  table_state& state = state_of(link);
  std::lock_guard const lock(state.mutex);
  for (series& each : state.rows[row].open->all()) each.floor = 0;
}

}  // namespace stele::core
