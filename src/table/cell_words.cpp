#include "table/cell_words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "stele/naming.hpp"
#include "stele/unit_names.hpp"
#include "table/lint.hpp"
#include "table/text.hpp"

namespace stele::tables {

namespace {

constexpr std::string_view type_list = "counter, gauge, histogram, summary, info or stateset";

/// What a writer puts in a cell to leave it empty.
bool says_nothing(std::string_view text) noexcept {
  return text.empty() || text == "-" || text == "–" || text == "—" || text == "n/a";
}

bool one_word(std::string_view text) noexcept {
  return std::none_of(text.begin(), text.end(), [](char c) {
    return space(c) || c == '=' || c == '<' || c == ',' || c == '(';
  });
}

/// A name may say more than the Unit column: `_timestamp_seconds` beside `seconds`.
bool refines(stele::unit precise, stele::unit rough) noexcept {
  return precise == rough || (precise == unit::unix_seconds && rough == unit::seconds);
}

}  // namespace

bool nearly_type(std::string_view word, type_word const& known) noexcept {
  return word == known.text || (known.means != metric_type::info && nearly(word, known.text));
}

bool type_fits_name(metric_type type, std::string_view name) noexcept {
  return type != metric_type::info || naming::has_info(name);
}

std::optional<metric_type> read_type(raw_cell const& cell, diagnostics& found) {
  std::string const word = lowered(single_spaced(cell.text));
  for (auto const& known : type_words)
    if (known.text == word) return known.means;
  if (word.empty()) {
    found.error(cell.begin, fmt::format("expected the metric's type, saw an empty cell"),
                "type-missing", fmt::format("write {}; a type is never guessed", type_list));
    return std::nullopt;
  }
  std::string fix;
  for (auto const& known : type_words)
    if (nearly_type(word, known)) fix = fmt::format("write {}", known.text);
  found.error(cell.begin,
              fmt::format("expected {}, saw {}", type_list, in_quotes(trimmed(cell.text))), "type",
              std::move(fix));
  return std::nullopt;
}

std::optional<stele::unit> read_unit(raw_cell const& cell, std::string_view name, metric_type type,
                                     diagnostics& found) {
  stele::unit const of_name = naming::unit_of_name(name);
  std::string const word = lowered(single_spaced(cell.text));
  if (naming::has_no_unit(type)) {
    if (says_nothing(word) || word == "none") return unit::none;
    found.error(cell.begin,
                fmt::format("expected an empty cell for {} row, saw {}",
                            type == metric_type::info ? "an info" : "a stateset",
                            in_quotes(trimmed(cell.text))),
                "unit-type", "empty the cell: these types have no unit");
    return std::nullopt;
  }
  if (says_nothing(word)) return of_name;
  auto const* const known = naming::unit_of_word(word);
  if (known == nullptr) {
    if (one_word(word) && of_name == unit::none) {
      found.note(cell.begin,
                 fmt::format("the unit {} is kept as it is, without conversions",
                             in_quotes(trimmed(cell.text))),
                 "unit-other");
      return unit::other;
    }
    if (one_word(word) && of_name == unit::other) return unit::other;
    found.error(cell.begin,
                fmt::format("expected one unit such as seconds or bytes, saw {}",
                            in_quotes(trimmed(cell.text))),
                "unit", "state one unit a row, or leave the cell empty");
    return std::nullopt;
  }
  if (of_name == unit::none || refines(known->means, of_name)) return known->means;
  if (refines(of_name, known->means)) return of_name;
  found.error(cell.begin,
              fmt::format("expected {}, the unit in the name {}, saw {}",
                          naming::suffix_spelling(naming::without_total(name)).text,
                          in_quotes(name), in_quotes(trimmed(cell.text))),
              "unit-conflict", "correct the cell, or leave it empty");
  return std::nullopt;
}

std::optional<source_statement> read_source(raw_cell const& cell, diagnostics& found) {
  std::string const text = single_spaced(cell.text);
  std::string const word = lowered(text.substr(0, text.find(':')));
  bool const has_reason = text.find(':') != std::string::npos;
  if (text.empty() || (word == "service" && !has_reason)) return source_statement{};
  if (word == "sdk" && !has_reason) return source_statement{source::sdk, {}};
  if (word == "mapped" && !has_reason) return source_statement{source::mapped, {}};
  if (word == "caller" && !has_reason) return source_statement{source::caller, {}};
  if (word == "absent") {
    std::string reason(has_reason ? trimmed(std::string_view(text).substr(word.size() + 1)) : "");
    if (!reason.empty()) return source_statement{source::absent, std::move(reason)};
    found.error(cell.begin, fmt::format("expected a reason, saw {}", in_quotes(text)),
                "absent-reason", "write absent: and why nothing can feed the row");
    return std::nullopt;
  }
  found.error(cell.begin,
              fmt::format("expected service, sdk, mapped, caller or 'absent: reason', saw {}",
                          in_quotes(text)),
              "source", "say who feeds the row");
  return std::nullopt;
}

std::optional<std::vector<lint_allowance>> read_allowances(raw_cell const& cell,
                                                           diagnostics& found) {
  constexpr std::string_view form = "write 'allow RULE: reason'; several are separated by ';'";
  std::vector<lint_allowance> result;
  bool good = true;
  std::string_view const text = cell.text;
  for (std::size_t begin = 0; begin <= text.size();) {
    std::size_t const end = std::min(text.find_first_of(";\n", begin), text.size());
    std::string_view const piece = text.substr(begin, end - begin);
    std::string const statement = single_spaced(piece);
    std::size_t const offset =
        cell.at(begin + std::min(piece.find_first_not_of(' '), piece.size()));
    begin = end + 1;
    if (statement.empty() || statement == "-") continue;

    constexpr std::string_view allow = "allow ";
    std::size_t const colon = statement.find(':');
    if (!statement.starts_with(allow) || colon == std::string::npos ||
        colon + 2 > statement.size()) {
      found.error(offset,
                  fmt::format("expected 'allow RULE: reason', saw {}", in_quotes(statement)),
                  "lint-cell", std::string(form));
      good = false;
      continue;
    }
    std::string_view const whole = statement;
    std::string_view rule = trimmed(whole.substr(allow.size(), colon - allow.size()));
    if (rule.starts_with("lint-")) rule.remove_prefix(5);
    if (!is_lint_rule(rule)) {
      found.error(offset, fmt::format("expected a lint rule's name, saw {}", in_quotes(rule)),
                  "lint-rule", fmt::format("the rules are {}", lint_rule_names()));
      good = false;
      continue;
    }
    result.push_back({std::string(rule), std::string(trimmed(whole.substr(colon + 1))), offset});
  }
  if (!good) return std::nullopt;
  return result;
}

}  // namespace stele::tables
