// naming.hpp: the names that a metric table may use, and those that a row takes in an exposition.
//
// The rules of a table stand in this header, unit_names.hpp, table_rules.hpp and closest_name.hpp,
// each of them once. The table compiler applies them to a page and the generated header again in a
// static_assert, so that a header edited by hand is held to the same rules. Everything in them is
// constexpr, allocates nothing and stays far below a compiler's constant-evaluation limits for
// 1,000 rows.
//
//   static_assert(stele::naming::valid_documented_name("jobs_total"));
//   static_assert(stele::naming::without_total("jobs_total") == "jobs");
//
// Threads: pure functions.

#pragma once

#include <cstddef>
#include <string_view>

#include "descriptor.hpp"

namespace stele::naming {

// ---- Names of metrics and labels ----------------------------------------------------------------

constexpr bool digit(char c) noexcept { return c >= '0' && c <= '9'; }

constexpr bool letter(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

namespace detail {

// Clang ends a constant evaluation after a million steps, and the standard library takes several
// for each character. Built-ins and a table of bytes keep a table of 1,000 rows within that.
struct identifier_bytes {
  bool holds[256]{};

  constexpr identifier_bytes() noexcept {
    for (unsigned c = 0; c < 256; ++c)
      holds[c] = letter(static_cast<char>(c)) || digit(static_cast<char>(c));
  }
};
inline constexpr identifier_bytes of_identifiers;

constexpr bool equal(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && (a.empty() || __builtin_memcmp(a.data(), b.data(), a.size()) == 0);
}

constexpr bool begins_with(std::string_view text, std::string_view start) noexcept {
  return text.size() >= start.size() &&
         (start.empty() || __builtin_memcmp(text.data(), start.data(), start.size()) == 0);
}

constexpr bool less(std::string_view a, std::string_view b) noexcept {
  std::size_t const shared = a.size() < b.size() ? a.size() : b.size();
  int const order = shared == 0 ? 0 : __builtin_memcmp(a.data(), b.data(), shared);
  return order != 0 ? order < 0 : a.size() < b.size();
}

constexpr std::string_view without_suffix(std::string_view name, std::string_view suffix) noexcept {
  if (name.size() <= suffix.size()) return name;
  std::string_view const stem = name.substr(0, name.size() - suffix.size());
  return equal(name.substr(stem.size()), suffix) ? stem : name;
}

}  // namespace detail

/// `[a-zA-Z_][a-zA-Z0-9_]*`
constexpr bool valid_identifier(std::string_view text) noexcept {
  if (text.empty() || digit(text[0])) return false;
  char const* const end = text.data() + text.size();
  for (char const* c = text.data(); c != end; ++c)
    if (!detail::of_identifiers.holds[static_cast<unsigned char>(*c)]) return false;
  return true;
}

/// `[a-zA-Z_:][a-zA-Z0-9_:]*`: what a scrape may carry.
constexpr bool valid_metric_name(std::string_view text) noexcept {
  if (text.empty() || digit(text[0])) return false;
  for (char const c : text)
    if (!letter(c) && !digit(c) && c != ':') return false;
  return true;
}

/// What a table may document: a metric name without a colon, which belongs to recording rules.
constexpr bool valid_documented_name(std::string_view text) noexcept {
  return valid_identifier(text);
}

/// An identifier that does not begin with `__`, which belongs to Prometheus itself.
constexpr bool valid_label_name(std::string_view text) noexcept {
  return valid_identifier(text) && !detail::begins_with(text, "__");
}

/// A label that the exposition itself writes for a type: `le` for buckets, `quantile`.
constexpr bool reserved_label(std::string_view label, metric_type type) noexcept {
  return (type == metric_type::histogram && detail::equal(label, "le")) ||
         (type == metric_type::summary && detail::equal(label, "quantile"));
}

/// The name without its `_total`, or the name where it has none. `_total` alone is left as it is.
constexpr std::string_view without_total(std::string_view name) noexcept {
  return detail::without_suffix(name, "_total");
}

constexpr bool has_total(std::string_view name) noexcept {
  return without_total(name).size() != name.size();
}

/// The name without its `_info`, which is an info row's family; the name where it has none.
constexpr std::string_view without_info(std::string_view name) noexcept {
  return detail::without_suffix(name, "_info");
}

constexpr bool has_info(std::string_view name) noexcept {
  return without_info(name).size() != name.size();
}

/// OpenMetrics gives these two no unit, whatever their name ends in.
constexpr bool has_no_unit(metric_type type) noexcept {
  return type == metric_type::info || type == metric_type::stateset;
}

// ---- Sample names that a row takes --------------------------------------------------------------

/// The row's family name in OpenMetrics: an info row's `_info` is taken off, and a counter's
/// `_total`, unless the row can be exposed there only as `unknown`, under its full name.
constexpr std::string_view family_name(descriptor const& row) noexcept {
  if (row.type == metric_type::info) return without_info(row.name);
  bool const strip = row.type == metric_type::counter && !row.openmetrics_unknown;
  return strip ? without_total(row.name) : row.name;
}

/// A std::span, without the 20 ms that its conversions cost every unit.
struct suffix_list {
  template <std::size_t Size>
  constexpr suffix_list(std::string_view const (&suffixes)[Size]) noexcept
      : first(suffixes), size(Size) {}
  [[nodiscard]] constexpr std::string_view const* begin() const noexcept { return first; }
  [[nodiscard]] constexpr std::string_view const* end() const noexcept { return first + size; }

  std::string_view const* first;
  std::size_t size;
};

inline constexpr std::string_view alone[]{""};
inline constexpr std::string_view info_suffixes[]{"", "_info"};
inline constexpr std::string_view counter_suffixes[]{"", "_total", "_created"};
inline constexpr std::string_view unsuffixed_counter_suffixes[]{"", "_created"};
inline constexpr std::string_view summary_suffixes[]{"", "_count", "_sum", "_created"};
inline constexpr std::string_view histogram_suffixes[]{"", "_bucket", "_count", "_sum", "_created"};

/// What stands after the family's name in the names a row takes, in any format. "" is the family
/// itself, which no other row may have, although a histogram has no sample of that name.
constexpr suffix_list taken_suffixes(descriptor const& row) noexcept {
  switch (row.type) {
    case metric_type::gauge:
    case metric_type::stateset:
    case metric_type::unknown: break;
    case metric_type::info: return info_suffixes;
    case metric_type::summary: return summary_suffixes;
    case metric_type::histogram: return histogram_suffixes;
    case metric_type::counter:
      if (!has_total(row.name)) return unsuffixed_counter_suffixes;
      if (!row.openmetrics_unknown) return counter_suffixes;
      break;
  }
  return alone;
}

/// Whether a row takes a name as its family's or as one of its samples'.
constexpr bool takes(descriptor const& row, std::string_view name) noexcept {
  std::string_view const family = family_name(row);
  if (!detail::begins_with(name, family)) return false;
  name.remove_prefix(family.size());
  for (auto const suffix : taken_suffixes(row))
    if (detail::equal(name, suffix)) return true;
  return false;
}

/// Two different rows that one exposition cannot hold. A suffix has one underscore, its first
/// character, so two taken names are equal only where one row's family is a name the other takes.
constexpr bool clash(descriptor const& a, descriptor const& b) noexcept {
  return takes(a, family_name(b)) || takes(b, family_name(a));
}

/// What `descriptor::openmetrics_unknown` must be.
constexpr bool openmetrics_unknown(std::string_view name, metric_type type,
                                   bool name_without_total_is_a_row) noexcept {
  return type == metric_type::counter && (!has_total(name) || name_without_total_is_a_row);
}

}  // namespace stele::naming
