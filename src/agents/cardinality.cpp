#include "agents/cardinality.hpp"

#include <algorithm>

#include "core/glob.hpp"

namespace stele::pushing {

namespace {

bool has(std::vector<std::string> const& names, std::string_view name) noexcept {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

bool cardinality::drops(std::string_view metric) const noexcept {
  return std::any_of(drop_metrics.begin(), drop_metrics.end(), [&](std::string const& pattern) {
    return core::matches_glob(pattern, metric);
  });
}

bool cardinality::keeps_label(std::string_view label) const noexcept {
  if (has(drop_labels, label)) return false;
  switch (keep.is) {
    case kept_labels::which::all: return true;
    case kept_labels::which::none: return false;
    case kept_labels::which::these: return has(keep.names, label);
  }
  return true;
}

std::optional<join_function> cardinality::function_of(std::string_view metric,
                                                      metric_type type) const noexcept {
  if (type == metric_type::histogram) return join_function::sum;
  auto const stated = std::find_if(
      functions.begin(), functions.end(),
      [&](stated_function const& each) { return core::matches_glob(each.metric, metric); });
  if (stated != functions.end()) return stated->is;
  return type == metric_type::counter ? std::optional(join_function::sum) : std::nullopt;
}

}  // namespace stele::pushing
