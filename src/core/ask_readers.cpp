#include "core/ask_readers.hpp"

#include <algorithm>
#include <utility>

namespace stele::core {

namespace {

/// Whether this thread is asking callbacks. What one of them gathers leaves fed series out.
constinit thread_local bool in_callback = false;

}  // namespace

void ask_readers(table_state& state, vector<closed_place> const& places, snapshot_data& out) {
  auto const entries = state.readers.copy();
  std::vector<std::size_t> asked;
  bool const nested = std::exchange(in_callback, true);
  for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
    std::size_t const row = (*entry)->row;
    auto const place = std::find_if(places.begin(), places.end(),
                                    [&](closed_place const& each) { return each.row == row; });
    if (place == places.end()) continue;
    std::size_t const series = place->first_series + (*entry)->series;
    if (std::find(asked.begin(), asked.end(), series) != asked.end()) continue;
    auto const [value, threw] = nested ? reading_result{} : (*entry)->read();
    if (!value && !threw && (*entry)->removed()) continue;  // an older one may have a value
    asked.push_back(series);
    bool const fits =
        value && (state.info.rows[row]->type != metric_type::counter || value->counts());
    if (threw || (value && !fits)) state.rows[row].refused.fetch_add(1, std::memory_order_relaxed);
    series_data& shown = out.series[series];
    if (!fits) {
      shown.first_value = snapshot_data::none;
      continue;
    }
    shown.kind = value->is;
    out.values[shown.first_value] = value->bits;
  }
  in_callback = nested;
}

}  // namespace stele::core
