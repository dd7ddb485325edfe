#include "serve/selection.hpp"

#include <algorithm>

#include "stele/naming.hpp"

namespace stele::serving {

namespace {

/// Whether one of the names is the row's family, or one of its samples, in any format. The name
/// that the table has is always among those.
bool is_named(name_query const& names, descriptor const& row) noexcept {
  auto const suffixes = naming::taken_suffixes(row);
  std::string_view const family = naming::family_name(row);
  return std::any_of(suffixes.begin(), suffixes.end(),
                     [&](std::string_view suffix) { return names.has(family, suffix); });
}

}  // namespace

core::row_filter const* selection::rows() const noexcept {
  return view_ != nullptr || !names_.empty() ? this : nullptr;
}

exposition::series_filter const* selection::series() const noexcept {
  return view_ != nullptr && view_->has_label_conditions() ? this : nullptr;
}

bool selection::wants(core::table_info const& table, descriptor const& row) const noexcept {
  if (view_ != nullptr && !view_->may_have(table, row)) return false;
  return names_.empty() || is_named(names_, row);
}

bool selection::wants(std::string_view constant_labels, std::string_view labels) const noexcept {
  return view_ == nullptr || view_->has(constant_labels, labels);
}

}  // namespace stele::serving
