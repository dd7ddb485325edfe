// closest_name.hpp: which row was meant by a name that is not in the table.
//
//   stele::naming::closest_name(coderd::table::descriptors, "coderd_api_requests_procesed_total")
//
// Threads: pure functions.

#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "descriptor.hpp"

namespace stele::naming {

namespace detail {

constexpr std::size_t shared_prefix(std::string_view a, std::string_view b) noexcept {
  std::size_t n = 0;
  while (n < a.size() && n < b.size() && a[n] == b[n]) ++n;
  return n;
}

constexpr std::size_t shared_suffix(std::string_view a, std::string_view b) noexcept {
  std::size_t n = 0;
  while (n < a.size() && n < b.size() && a[a.size() - 1 - n] == b[b.size() - 1 - n]) ++n;
  return n;
}

}  // namespace detail

/// Insertions, removals and replacements that turn one name into the other. What is left after the
/// shared ends are taken off is compared in full up to 48 characters; beyond that the names have
/// so little in common that their lengths will do.
constexpr std::size_t edit_distance(std::string_view a, std::string_view b) noexcept {
  std::size_t const prefix = detail::shared_prefix(a, b);
  a.remove_prefix(prefix);
  b.remove_prefix(prefix);
  std::size_t const suffix = detail::shared_suffix(a, b);
  a.remove_suffix(suffix);
  b.remove_suffix(suffix);
  constexpr std::size_t size_max = 48;
  if (a.size() > size_max || b.size() > size_max) return a.size() > b.size() ? a.size() : b.size();

  std::size_t row[size_max + 1]{};
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      std::size_t best = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      if (row[j] + 1 < best) best = row[j] + 1;
      if (row[j - 1] + 1 < best) best = row[j - 1] + 1;
      row[j] = best;
    }
  }
  return row[b.size()];
}

/// The name in the table that is closest to one that is not; empty for an empty table.
///
/// A true edit distance to 1,000 names would exceed the constant-evaluation limit of Clang, so all
/// are ranked by the ends they share with the name, and only the best few are compared in full.
constexpr std::string_view closest_name(std::span<descriptor const* const> rows,
                                        std::string_view name) noexcept {
  constexpr std::size_t candidates_max = 8;
  std::string_view candidates[candidates_max]{};
  std::size_t ranks[candidates_max]{};
  std::size_t size = 0;
  for (auto const* const row : rows) {
    std::size_t const longer = row->name.size() > name.size() ? row->name.size() : name.size();
    std::size_t const ends =
        detail::shared_prefix(row->name, name) + detail::shared_suffix(row->name, name);
    std::size_t const rank = longer > ends ? longer - ends : 0;
    if (size == candidates_max && !(rank < ranks[size - 1])) continue;
    if (size < candidates_max) ++size;
    std::size_t place = size - 1;
    for (; place > 0 && rank < ranks[place - 1]; --place) {
      ranks[place] = ranks[place - 1];
      candidates[place] = candidates[place - 1];
    }
    ranks[place] = rank;
    candidates[place] = row->name;
  }

  std::string_view closest;
  std::size_t least = static_cast<std::size_t>(-1);
  for (std::size_t i = 0; i < size; ++i) {
    std::size_t const distance = edit_distance(candidates[i], name);
    if (distance < least) {
      least = distance;
      closest = candidates[i];
    }
  }
  return closest;
}

}  // namespace stele::naming
