#include "table/lint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "stele/enum_names.hpp"
#include "table/text.hpp"

namespace stele::tables {

namespace {

constexpr std::string_view prefix = "lint-";

constexpr std::array<std::string_view, 12> rules{
    "lint-abbreviated-unit", "lint-base-unit",    "lint-bucket-suffix",    "lint-camel-case",
    "lint-count-suffix",     "lint-help",         "lint-label-camel-case", "lint-reserved-label",
    "lint-sum-suffix",       "lint-total-suffix", "lint-type-in-name",     "lint-counter-suffix"};

struct known_unit {
  std::string_view text;
  std::string_view base;
};

constexpr known_unit known_units[]{
    {"amperes", "amperes"}, {"bits", "bytes"},    {"bytes", "bytes"},        {"calories", "joules"},
    {"celsius", "celsius"}, {"days", "seconds"},  {"fahrenheit", "celsius"}, {"grams", "grams"},
    {"hours", "seconds"},   {"inches", "meters"}, {"joules", "joules"},      {"kelvin", "kelvin"},
    {"kelvins", "kelvin"},  {"meters", "meters"}, {"metres", "metres"},      {"miles", "meters"},
    {"minutes", "seconds"}, {"ounces", "grams"},  {"pounds", "grams"},       {"rankine", "celsius"},
    {"seconds", "seconds"}, {"volts", "volts"},   {"weeks", "seconds"},      {"yards", "meters"}};

constexpr std::array<std::string_view, 19> unit_prefixes{
    "",     "pico", "nano", "micro", "milli", "centi", "deci", "deca", "hecto", "kilo",
    "kibi", "mega", "mibi", "giga",  "gibi",  "tera",  "tebi", "peta", "pebi"};

constexpr std::array<std::string_view, 14> abbreviations{"s",  "ms", "us", "ns", "sec", "b", "kb",
                                                         "mb", "gb", "tb", "pb", "m",   "h", "d"};

/// The words of a name between its underscores.
std::vector<std::string_view> words_of(std::string_view name) {
  std::vector<std::string_view> words;
  for (std::size_t begin = 0; begin <= name.size();) {
    std::size_t const end = std::min(name.find('_', begin), name.size());
    words.push_back(name.substr(begin, end - begin));
    begin = end + 1;
  }
  return words;
}

/// `milliseconds` is a unit with the base unit `seconds`; `thermometers` is none.
known_unit const* unit_of(std::string_view word) noexcept {
  for (auto const& unit : known_units) {
    if (!word.ends_with(unit.text)) continue;
    auto const front = word.substr(0, word.size() - unit.text.size());
    if (std::find(unit_prefixes.begin(), unit_prefixes.end(), front) != unit_prefixes.end())
      return &unit;
  }
  return nullptr;
}

bool camel_case(std::string_view name) noexcept {
  for (std::size_t i = 1; i < name.size(); ++i)
    if (name[i - 1] >= 'a' && name[i - 1] <= 'z' && name[i] >= 'A' && name[i] <= 'Z') return true;
  return false;
}

class linter {
 public:
  explicit linter(table_row const& row) : row_(row) {}

  std::vector<lint_objection> objections() {
    if (row_.help.empty()) object("lint-help", "no help text");
    units();
    suffixes();
    type_in_name();
    if (camel_case(row_.name))
      object("lint-camel-case", "metric names should be written in 'snake_case' not 'camelCase'");
    labels();
    return std::move(objections_);
  }

 private:
  void object(std::string_view rule, std::string text) {
    objections_.push_back({rule, std::move(text)});
  }

  void units() {
    auto const words = words_of(row_.name);
    for (auto const word : words) {
      auto const* const unit = unit_of(word);
      if (unit == nullptr || unit->base == word) continue;
      object("lint-base-unit",
             fmt::format("use base unit \"{}\" instead of \"{}\"", unit->base, word));
      break;
    }
    bool const abbreviated = std::any_of(words.begin() + 1, words.end(), [](auto word) {
      return std::find(abbreviations.begin(), abbreviations.end(), lowered(word)) !=
             abbreviations.end();
    });
    if (abbreviated)
      object("lint-abbreviated-unit", "metric names should not contain abbreviated units");
  }

  void suffixes() {
    std::string_view const name = row_.name;
    bool const counter = row_.type == metric_type::counter;
    bool const histogram = row_.type == metric_type::histogram;
    bool const distribution = histogram || row_.type == metric_type::summary;
    if (counter && !name.ends_with("_total"))
      object("lint-counter-suffix", "counter metrics should have \"_total\" suffix");
    if (!counter && name.ends_with("_total"))
      object("lint-total-suffix", "non-counter metrics should not have \"_total\" suffix");
    if (!histogram && name.ends_with("_bucket"))
      object("lint-bucket-suffix", "non-histogram metrics should not have \"_bucket\" suffix");
    if (!distribution && name.ends_with("_count"))
      object("lint-count-suffix",
             "non-histogram and non-summary metrics should not have \"_count\" suffix");
    if (!distribution && name.ends_with("_sum"))
      object("lint-sum-suffix",
             "non-histogram and non-summary metrics should not have \"_sum\" suffix");
  }

  void type_in_name() {
    auto const words = words_of(lowered_name_);
    for (auto const type :
         {metric_type::counter, metric_type::gauge, metric_type::histogram, metric_type::summary}) {
      if (std::find(words.begin() + 1, words.end(), name_of(type)) == words.end()) continue;
      object("lint-type-in-name",
             fmt::format("metric name should not include type '{}'", name_of(type)));
      return;
    }
  }

  void labels() {
    std::vector<std::string_view> names;
    for (auto const& label : row_.labels) names.push_back(label.name);
    if (!row_.states.empty()) names.push_back(row_.name);  // the label that says which state
    auto const has = [&](auto const& holds) {
      return std::any_of(names.begin(), names.end(), holds);
    };
    if (has([](auto name) { return camel_case(name); }))
      object("lint-label-camel-case",
             "label names should be written in 'snake_case' not 'camelCase'");
    if (has([](auto name) { return name == "le"; }))
      object("lint-reserved-label", "non-histogram metrics should not have \"le\" label");
    else if (has([](auto name) { return name == "quantile"; }))
      object("lint-reserved-label", "non-summary metrics should not have \"quantile\" label");
  }

  table_row const& row_;
  std::string lowered_name_ = lowered(row_.name);
  std::vector<lint_objection> objections_;
};

}  // namespace

std::vector<lint_objection> lint(table_row const& row) { return linter(row).objections(); }

bool is_lint_rule(std::string_view rule) noexcept {
  return std::any_of(rules.begin(), rules.end(),
                     [&](auto known) { return known.substr(prefix.size()) == rule; });
}

std::string lint_rule_names() {
  std::string names;
  for (auto const rule : rules) {
    names += names.empty() ? "" : ", ";
    names += rule.substr(prefix.size());
  }
  return names;
}

void check_lint(metric_table& table, diagnostics& found) {
  for (auto& row : table) {
    for (auto& objection : lint(row)) {
      std::string_view const rule = objection.rule.substr(prefix.size());
      auto const allowance =
          std::find_if(row.allowances.begin(), row.allowances.end(),
                       [&](lint_allowance const& each) { return each.rule == rule; });
      if (allowance != row.allowances.end())
        allowance->used = true;
      else
        found.warning(row.at.name, std::move(objection.text), objection.rule,
                      fmt::format("or write in a Lint cell: allow {}: reason", rule));
    }
    for (auto const& allowance : row.allowances)
      if (!allowance.used)
        found.warning(allowance.offset,
                      fmt::format("expected an objection of rule {} to allow, saw none",
                                  in_quotes(allowance.rule)),
                      "lint-stale", "remove it");
  }
}

}  // namespace stele::tables
