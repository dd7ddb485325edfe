// family_reader.hpp: a family's series, one after the other, as the landing page looks at them. All
// that the page knows of a snapshot's arrays is here.
//
//   if (auto const* const family = find_family(values, "jobs_total"))
//     for_each_series(values, *family, [&](series_view const& each) { add(each.values[0]); });
//
// Threads: one at a time; a snapshot does not change.

#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/snapshot_data.hpp"

namespace stele::serving {

struct series_view {
  std::string_view labels;      // `code="200",path="/"`, rendered
  number::kind kind;            // of the value of a counter or a gauge
  std::uint64_t const* values;  // as snapshot_data.hpp says for the row's type
};

/// Null where no code of the program feeds the row.
inline core::family_data const* find_family(core::snapshot_data const& values,
                                            std::string_view name) noexcept {
  auto const found = std::ranges::lower_bound(
      values.families, name, {}, [](core::family_data const& each) { return each.about->name; });
  return found != values.families.end() && found->about->name == name ? &*found : nullptr;
}

/// The labels that each series of the family has before its own, rendered.
inline std::string_view constant_labels_of(core::family_data const& family) noexcept {
  if (family.constant_labels == nullptr) return {};
  return family.constant_labels->rendered;
}

template <class Visit>
void for_each_series(core::snapshot_data const& values, core::family_data const& family,
                     Visit visit) {
  for (core::series_run const& run : values.runs_of(family)) {
    std::uint64_t const* at = values.values.data() + run.first_value;
    for (std::size_t i = 0; i < run.count; ++i, at += core::value_count(*family.about, at))
      visit(series_view{run.labels.text == nullptr ? std::string_view() : run.labels[i], run.kind,
                        at});
  }
}

}  // namespace stele::serving
