// naming.hpp: the rules for the names in a metric table, each of them once.
//
// The table compiler applies them to a page and the generated header again in a static_assert, so
// that a header edited by hand is held to the same rules. Everything here is constexpr, allocates
// nothing and stays far below a compiler's constant-evaluation limits for 1,000 rows.
//
//   static_assert(stele::naming::valid_documented_name("jobs_total"));
//   static_assert(stele::naming::unit_of_name("wait_ms_total") == stele::unit::milliseconds);
//
// Threads: pure functions.

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "descriptor.hpp"

namespace stele::naming {

// ---- Names -----------------------------------------------------------------------------------

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
  constexpr std::string_view suffix = "_total";
  if (name.size() <= suffix.size()) return name;
  std::string_view const stem = name.substr(0, name.size() - suffix.size());
  return detail::equal(name.substr(stem.size()), suffix) ? stem : name;
}

constexpr bool has_total(std::string_view name) noexcept {
  return without_total(name).size() != name.size();
}

/// The name without its `_info`, which is an info row's family; the name where it has none.
constexpr std::string_view without_info(std::string_view name) noexcept {
  constexpr std::string_view suffix = "_info";
  if (name.size() <= suffix.size()) return name;
  std::string_view const stem = name.substr(0, name.size() - suffix.size());
  return detail::equal(name.substr(stem.size()), suffix) ? stem : name;
}

constexpr bool has_info(std::string_view name) noexcept {
  return without_info(name).size() != name.size();
}

/// OpenMetrics gives these two no unit, whatever their name ends in.
constexpr bool has_no_unit(metric_type type) noexcept {
  return type == metric_type::info || type == metric_type::stateset;
}

// ---- Units -----------------------------------------------------------------------------------

/// One way to write a unit.
struct unit_spelling {
  std::string_view text;
  stele::unit means;
};

/// What a name may end in, after an underscore. Where one ends in another the longer comes first.
inline constexpr unit_spelling unit_suffixes[]{
    {"timestamp_seconds", unit::unix_seconds},
    {"milliseconds", unit::milliseconds},
    {"microseconds", unit::microseconds},
    {"nanoseconds", unit::nanoseconds},
    {"seconds", unit::seconds},
    {"s", unit::seconds},
    {"ms", unit::milliseconds},
    {"us", unit::microseconds},
    {"ns", unit::nanoseconds},
    {"minutes", unit::minutes},
    {"hours", unit::hours},
    {"days", unit::days},
    {"unix", unit::unix_seconds},
    {"bytes", unit::bytes},
    {"ratio", unit::ratio},
    {"percent", unit::percent},
};

/// The same for units that are not converted: `other`.
inline constexpr std::string_view other_suffixes[]{
    "celsius",   "fahrenheit", "kelvin",    "volts",     "amperes",  "watts", "joules",
    "grams",     "meters",     "metres",    "hertz",     "bits",     "weeks", "kilobytes",
    "megabytes", "gigabytes",  "kibibytes", "mebibytes", "gibibytes"};

/// What a Unit column may say, in lower case.
struct unit_words_of {
  stele::unit means;
  char const* words[4];  // then nullptr
};
inline constexpr unit_words_of unit_words[]{
    {unit::none, {"none", "count", "integer"}},
    {unit::seconds, {"s", "sec", "second", "seconds"}},
    {unit::milliseconds, {"ms", "millisecond", "milliseconds"}},
    {unit::microseconds, {"us", "\xC2\xB5s", "microsecond", "microseconds"}},  // U+00B5: micro
    {unit::nanoseconds, {"ns", "nanosecond", "nanoseconds"}},
    {unit::minutes, {"minute", "minutes"}},
    {unit::hours, {"hour", "hours"}},
    {unit::days, {"day", "days"}},
    {unit::unix_seconds, {"unix", "unix seconds", "unix timestamp"}},
    {unit::bytes, {"byte", "bytes"}},
    {unit::ratio, {"ratio"}},
    {unit::percent, {"percent", "%"}},
};

/// Whether a name ends in an underscore and this.
constexpr bool ends_in(std::string_view name, std::string_view text) noexcept {
  return name.size() > text.size() + 1 && name.ends_with(text) &&
         name[name.size() - text.size() - 1] == '_';
}

/// The spelling that ends a name, or one without text. A trailing `_total` is not looked through.
constexpr unit_spelling suffix_spelling(std::string_view name) noexcept {
  for (auto const& suffix : unit_suffixes)
    if (ends_in(name, suffix.text)) return suffix;
  for (auto const suffix : other_suffixes)
    if (ends_in(name, suffix)) return {suffix, unit::other};
  return {{}, unit::none};
}

/// The unit that a name states; a trailing `_total` is looked through.
constexpr unit unit_of_name(std::string_view name) noexcept {
  return suffix_spelling(without_total(name)).means;
}

/// What a Unit column's text (in lower case, trimmed) states, or nullptr where Stele knows it not.
constexpr unit_words_of const* unit_of_word(std::string_view word) noexcept {
  for (auto const& known : unit_words)
    for (auto const* const text : known.words)
      if (text != nullptr && text == word) return &known;
  return nullptr;
}

/// What OpenMetrics' UNIT line may say of a family's name: the last word of a name that ends in
/// `_<unit>`, else nothing. `_unix` says what a value means rather than its unit.
constexpr std::string_view unit_suffix(std::string_view family) noexcept {
  auto const spelling = suffix_spelling(family);
  if (spelling.text == "unix") return {};
  return spelling.means == unit::unix_seconds ? "seconds" : spelling.text;
}

// ---- Sample names that a row takes -----------------------------------------------------------

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
    case metric_type::stateset: break;
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

// ---- Values ----------------------------------------------------------------------------------

constexpr bool finite(double value) noexcept { return value - value == 0; }

/// Histogram bounds: finite and strictly ascending; `+Inf` is not among them.
constexpr bool valid_bounds(std::span<double const> bounds) noexcept {
  for (std::size_t i = 0; i < bounds.size(); ++i)
    if (!finite(bounds[i]) || (i > 0 && !(bounds[i - 1] < bounds[i]))) return false;
  return true;
}

/// The resolutions that Prometheus has for a native histogram.
inline constexpr int native_schema_min = -4;
inline constexpr int native_schema_max = 8;

constexpr bool valid_native_schema(int schema) noexcept {
  return schema >= native_schema_min && schema <= native_schema_max;
}

/// The states of a stateset are the bits of one word.
inline constexpr std::size_t states_max = 64;

/// Summary quantiles: within [0, 1] and strictly ascending.
constexpr bool valid_quantiles(std::span<double const> quantiles) noexcept {
  for (double const quantile : quantiles)
    if (!(quantile >= 0 && quantile <= 1)) return false;
  return valid_bounds(quantiles);
}

// ---- A whole table ---------------------------------------------------------------------------

/// What info and stateset demand of a row: a name with `_info`, states, no unit; and that a row of
/// another type has no states.
constexpr bool shape_is_valid(descriptor const& row) noexcept {
  if (has_no_unit(row.type) && row.unit != unit::none) return false;
  if (row.type == metric_type::info && !has_info(row.name)) return false;
  if (row.type != metric_type::stateset) return row.states.empty();
  for (auto const& label : row.labels)
    if (detail::equal(label.name, row.name)) return false;  // the exposition writes this one
  return !row.states.empty() && row.states.size() <= states_max;
}

/// A row by itself: its name, labels, distribution and source fit its type.
constexpr bool row_is_valid(descriptor const& row) noexcept {
  if (!valid_documented_name(row.name)) return false;
  for (std::size_t i = 0; i < row.labels.size(); ++i) {
    std::string_view const label = row.labels[i].name;
    if (!valid_label_name(label) || reserved_label(label, row.type)) return false;
    for (std::size_t earlier = 0; earlier < i; ++earlier)
      if (detail::equal(row.labels[earlier].name, label)) return false;
  }
  if (row.type != metric_type::histogram && !row.bounds.empty()) return false;
  if (row.type != metric_type::summary && !row.quantiles.empty()) return false;
  if (row.native_schema != no_native &&
      (row.type != metric_type::histogram || !valid_native_schema(row.native_schema)))
    return false;
  if (!shape_is_valid(row)) return false;
  if ((row.source == source::absent) == row.absent_reason.empty()) return false;
  return valid_bounds(row.bounds) && valid_quantiles(row.quantiles);
}

/// One row of a whole table, as table_is_valid demands it.
///
/// Whatever clashes with a row begins with its family's name, and so stands beside it in the
/// sorted table: only these neighbours are compared.
constexpr bool row_fits(std::span<descriptor const* const> rows, std::size_t i) noexcept {
  descriptor const& row = *rows[i];
  if (!row_is_valid(row) || (i > 0 && !detail::less(rows[i - 1]->name, row.name))) return false;

  std::string_view const base =
      row.type == metric_type::counter ? without_total(row.name) : family_name(row);
  bool base_is_a_row = false;
  for (std::size_t j = i; j-- > 0 && detail::begins_with(rows[j]->name, base);) {
    if (clash(row, *rows[j])) return false;
    base_is_a_row = base_is_a_row || detail::equal(rows[j]->name, base);
  }
  for (std::size_t j = i + 1; j < rows.size() && detail::begins_with(rows[j]->name, base); ++j)
    if (clash(row, *rows[j])) return false;
  return row.openmetrics_unknown == openmetrics_unknown(row.name, row.type, base_is_a_row);
}

/// What a static_assert over a generated table states: the rows are sorted by name without a
/// repeat, each is valid, no two clash, and `openmetrics_unknown` is what it must be. A long table
/// is asserted in blocks of `count` rows from `first`: the limit of steps is an assertion's.
constexpr bool table_is_valid(std::span<descriptor const* const> rows, std::size_t first = 0,
                              std::size_t count = static_cast<std::size_t>(-1)) noexcept {
  std::size_t const end = count < rows.size() - first ? first + count : rows.size();
  for (std::size_t i = first; i < end; ++i)
    if (!row_fits(rows, i)) return false;
  return true;
}

// ---- Did you mean ----------------------------------------------------------------------------

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

/// Insertions, removals and replacements that turn one name into the other. What is left after the
/// shared ends are taken off is compared in full up to 48 characters; beyond that the names have
/// so little in common that their lengths will do.
constexpr std::size_t edit_distance(std::string_view a, std::string_view b) noexcept {
  std::size_t const prefix = shared_prefix(a, b);
  a.remove_prefix(prefix);
  b.remove_prefix(prefix);
  std::size_t const suffix = shared_suffix(a, b);
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

}  // namespace detail

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
    std::size_t const distance = detail::edit_distance(candidates[i], name);
    if (distance < least) {
      least = distance;
      closest = candidates[i];
    }
  }
  return closest;
}

}  // namespace stele::naming
