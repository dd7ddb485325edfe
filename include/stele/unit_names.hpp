// unit_names.hpp: how a table writes a unit, at the end of a name or in a Unit column.
//
//   static_assert(stele::naming::unit_of_name("wait_ms_total") == stele::unit::milliseconds);
//   static_assert(stele::naming::unit_of_word("days")->means == stele::unit::days);
//
// Threads: pure functions.

#pragma once

#include <string_view>

#include "descriptor.hpp"
#include "naming.hpp"

namespace stele::naming {

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

}  // namespace stele::naming
