// info_rows.cpp: which series an info row shows: those that its open row has.

#include <mutex>
#include <new>

#include "core/table_state.hpp"
#include "stele/info.hpp"
#include "stele/open_block.hpp"

namespace stele::core {

void show_info(table_link& link, std::size_t row, std::string_view const* values, std::size_t count,
               bool alone) noexcept try {
  valid_values shown({values, count});
  table_state& state = state_of(link);
  std::lock_guard const lock(state.mutex);
  open_row& open = *state.rows[row].open;
  series* const found = open.find(shown.get(), hash_of(shown.get()));
  if (!alone) {
    open.find_or_make(std::move(shown));
    return;
  }
  // A full row makes room first: what is shown alone must not become `__overflow__`.
  if (found == nullptr && open.is_full()) open.end_if([](auto const&) { return true; });
  series const& only = found != nullptr ? *found : open.find_or_make(std::move(shown));
  open.end_if([&](series const& each) { return &each != &only; });
} catch (std::bad_alloc const&) {
  return;
}

bool hide_info(table_link& link, std::size_t row, std::string_view const* values,
               std::size_t count) noexcept {
  return remove_series(link, row, values, count);
}

void clear_info(table_link& link, std::size_t row) noexcept { clear_series(link, row); }

}  // namespace stele::core
