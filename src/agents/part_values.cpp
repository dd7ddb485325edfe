// part_values.cpp: the same shape again: nothing but values.

#include <algorithm>
#include <bit>
#include <cmath>
#include <mutex>
#include <span>

#include "agents/binding.hpp"
#include "agents/join_values.hpp"

namespace stele::pushing {

namespace {

/// Calls visit(cell, layout, values) for each series of a family that the part has, and goes past
/// the values of all.
template <class Visit>
void for_each_series(pushed_part& part, metric_type type, shape_family const& range,
                     std::uint64_t const*& values, Visit visit) {
  for (std::uint32_t i = range.first_series; i < range.end_series; ++i) {
    layout const& of = part.what->layouts[part.what->series[i].layout];
    std::size_t const count = values_of(type, of, values);
    if (part.cells[i].page != nullptr) visit(part.cells[i], of, std::span(values, count));
    values += count;
  }
}

bool has_one_value(metric_type type) noexcept {
  return type != metric_type::histogram && type != metric_type::summary;
}

void write_scalars(pushed_part& part, shape_family const& range,
                   std::uint64_t const* values) noexcept {
  for (std::uint32_t i = range.first_series; i < range.end_series; ++i, ++values) {
    cell const& to = part.cells[i];
    if (to.page != nullptr) store_value(to.page->numbers() + to.at, without_payload(*values));
  }
}

/// A gather never sees what a source had counted both as its own and as kept.
void write_sources(pushed_family& family, pushed_part& part, shape_family const& range,
                   std::uint64_t const* values) noexcept {
  bool const counts = family.joined()->counts();
  for (std::uint32_t i = range.first_series; i < range.end_series; ++i, ++values) {
    cell const& to = part.cells[i];
    if (to.page == nullptr) continue;
    std::uint64_t* const number = to.page->numbers() + to.at;
    double const value = std::bit_cast<double>(*values);
    if (counts && !std::isfinite(value)) continue;
    if (!counts || value >= std::bit_cast<double>(*number)) {
      store_value(number, without_payload(*values));
      continue;
    }
    std::lock_guard const lock(family.mutex);
    family.joined()->keep_if_reset(to.page->layout(), to, {values, 1});
    store_value(number, *values);
  }
}

}  // namespace

bool has_same_begins(pushed_part const& part, bundle const& what) noexcept {
  if (!part.is_dated && what.created.empty()) return true;
  for (std::size_t f = 0; f < part.families.size(); ++f) {
    pushed_family const* const family = part.families[f];
    if (family == nullptr || family->joined() != nullptr || !family->about().has_begin()) continue;
    shape_family const& range = part.what->families[f];
    for (std::uint32_t i = range.first_series; i < range.end_series; ++i) {
      if (part.cells[i].page == nullptr) continue;
      std::int64_t const created = what.created.empty() ? 0 : what.created[i];
      if (part.cells[i].page->created(part.cells[i].at) != created) return false;
    }
  }
  return true;
}

void write_cell(pushed_family& family, cell const& to, layout const& of,
                std::span<std::uint64_t const> values) noexcept {
  if (family.joined() != nullptr) {
    if (family.joined()->counts() && has_one_value(family.type()) &&
        !std::isfinite(std::bit_cast<double>(values[0])))
      return;
    family.joined()->keep_if_reset(to.page->layout(), to, values);
  }
  if (to.page->has().values == 1)
    return store_value(to.page->numbers() + to.at, without_payload(values[0]));
  if (to.page->has().values == 0) to.page->values_list(to.at).resize(values.size());
  copy_values(family.type(), of, values, to.page->values(to.at));
}

void reserve_values(pushed_part& part, bundle const& what) {
  if (!part.has_lists) return;
  std::uint64_t const* values = what.values.data();
  for (std::size_t f = 0; f < part.families.size(); ++f) {
    shape_family const& range = part.what->families[f];
    if (has_one_value(range.type)) {
      values += range.end_series - range.first_series;
      continue;
    }
    pushed_family* const family = part.families[f];
    auto const lock =
        family == nullptr ? std::unique_lock<std::mutex>() : std::unique_lock(family->mutex);
    for_each_series(part, range.type, range, values,
                    [](cell const& to, layout const&, std::span<std::uint64_t const> from) {
                      if (to.page->has().values == 0)
                        to.page->values_list(to.at).reserve(from.size());
                    });
  }
}

void write_values(pushed_part& part, bundle const& what) noexcept {
  std::uint64_t const* values = what.values.data();
  for (std::size_t f = 0; f < part.families.size(); ++f) {
    shape_family const& range = part.what->families[f];
    pushed_family* const family = part.families[f];
    if (has_one_value(range.type)) {
      if (family != nullptr && family->joined() == nullptr)
        write_scalars(part, range, values);
      else if (family != nullptr)
        write_sources(*family, part, range, values);
      values += range.end_series - range.first_series;
      continue;
    }
    auto const lock =
        family == nullptr ? std::unique_lock<std::mutex>() : std::unique_lock(family->mutex);
    for_each_series(part, range.type, range, values,
                    [&](cell const& to, layout const& of, std::span<std::uint64_t const> from) {
                      write_cell(*family, to, of, from);
                    });
  }
}

}  // namespace stele::pushing
