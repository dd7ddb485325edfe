#include "table/label_cell.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <string_view>

#include "stele/enum_names.hpp"
#include "stele/naming.hpp"
#include "table/identifiers.hpp"
#include "table/text.hpp"

namespace stele::tables {

namespace {

/// Words that a sentence has and a list of label names has not.
constexpr std::array<std::string_view, 12> prose_words{"the", "of",   "for", "is", "by",   "with",
                                                       "to",  "from", "in",  "on", "that", "are"};

bool contains(auto const& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

constexpr bool separator(char c) noexcept { return space(c) || c == ',' || c == ';'; }

class label_parser {
 public:
  label_parser(raw_cell const& cell, std::size_t begin, std::size_t end, metric_type type,
               diagnostics& found)
      : cell_(cell), text_(cell.text), at_(begin), end_(end), type_(type), found_(found) {
    for (std::size_t i = begin; i < end; ++i) has_code_ = has_code_ || cell.code[i];
    for (std::size_t i = begin; i < end; ++i)
      all_code_ = all_code_ && (cell.code[i] || space(text_[i]));
  }

  std::optional<std::vector<table_label>> parse() {
    if (says_none()) return labels_;
    while (good_ && skip_separators()) label();
    if (!good_) return std::nullopt;
    return std::move(labels_);
  }

 private:
  bool says_none() {
    std::string const text = lowered(trimmed(text_.substr(at_, end_ - at_)));
    constexpr std::array<std::string_view, 9> nothing{"",  "none", "[]",  "{}",       "-",
                                                      "–", "—",    "n/a", "no labels"};
    if (contains(nothing, text)) return true;
    if (text.starts_with('{') && text.ends_with('}')) {  // written as in an exposition
      at_ = text_.find('{', at_) + 1;
      end_ = text_.rfind('}', end_ - 1);
    }
    return false;
  }

  bool refuse(std::size_t at, std::string message, std::string_view rule, std::string fix = {}) {
    found_.error(cell_.at(at), std::move(message), rule, std::move(fix));
    good_ = false;
    return false;
  }

  bool skip_separators() {
    while (at_ < end_) {
      if (separator(text_[at_])) {
        ++at_;
        continue;
      }
      std::string_view const word = word_at(at_);
      bool const joins = word == "and" || word == "&" || word == "or";
      if (!joins || cell_.code[at_] || labels_.empty()) return true;
      at_ += word.size();
    }
    return false;
  }

  [[nodiscard]] std::string_view word_at(std::size_t begin) const noexcept {
    std::size_t end = begin;
    while (end < end_ && !separator(text_[end])) ++end;
    return text_.substr(begin, end - begin);
  }

  void skip_spaces() noexcept {
    while (at_ < end_ && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
  }

  void label() {
    std::size_t const begin = at_;
    bool const in_code = cell_.code[begin];
    if (has_code_ && !all_code_ && !in_code) {
      refuse(begin,
             fmt::format("expected a label name in backquotes, saw {}", in_quotes(word_at(begin))),
             "label-prose", "put the names in backquotes, and remarks in parentheses behind them");
      return;
    }
    constexpr std::string_view ends = "{}=(:,; \t\n";
    while (at_ < end_ && ends.find(text_[at_]) == ends.npos && cell_.code[at_] == in_code) ++at_;
    std::string_view const name = text_.substr(begin, at_ - begin);
    if (!valid_name(name, begin)) return;
    table_label label{std::string(name), {}};
    if (at_ < end_ && text_[at_] == '{' && !closed_set(label)) return;
    skip_spaces();
    if (at_ < end_ && text_[at_] == '=' && !value(label, begin)) return;
    skip_spaces();
    if (at_ < end_ && text_[at_] == '(' && !remark_in_parentheses()) return;
    if (at_ < end_ && text_[at_] == ':' && !remark_to_line_end()) return;
    labels_.push_back(std::move(label));
  }

  bool valid_name(std::string_view name, std::size_t begin) {
    if (name == "..." || name == "…")
      return refuse(begin, fmt::format("expected all labels by name, saw {}", in_quotes(name)),
                    "label-open-end", "list every label of the row");
    if (!has_code_ && contains(prose_words, lowered(name)))
      return refuse(begin,
                    fmt::format("expected label names, saw a sentence with {}", in_quotes(name)),
                    "label-prose", "write the names in backquotes, separated by commas");
    if (!naming::valid_identifier(name)) {
      std::string_view const seen = name.empty() ? word_at(begin) : name;
      return refuse(begin, fmt::format("expected a label name, saw {}", in_quotes(seen)),
                    "label-name", "label names are letters, digits and underscores");
    }
    if (!naming::valid_label_name(name))
      return refuse(
          begin, fmt::format("expected a label name without leading '__', saw {}", in_quotes(name)),
          "label-reserved", "names that begin with __ belong to Prometheus");
    if (naming::reserved_label(name, type_))
      return refuse(
          begin,
          fmt::format("expected another label on a {}, saw {}", name_of(type_), in_quotes(name)),
          "label-reserved", "the exposition writes this label itself; leave it out");
    bool const repeated = std::any_of(labels_.begin(), labels_.end(),
                                      [&](auto const& earlier) { return earlier.name == name; });
    if (repeated)
      return refuse(begin, fmt::format("expected each label once, saw {} again", in_quotes(name)),
                    "label-repeat", "remove one of the two");
    return true;
  }

  /// `{GET,POST,other}`; at_ is at the brace.
  bool closed_set(table_label& label) {
    std::size_t const open = at_;
    std::size_t const close = text_.find('}', open);
    if (close == text_.npos || close >= end_)
      return refuse(open, "expected '}' after the values, saw the end of the cell", "label-values",
                    "close the set of values");
    at_ = close + 1;
    return values(label, open + 1, close, ',');
  }

  bool values(table_label& label, std::size_t begin, std::size_t end, char divider) {
    while (begin <= end) {
      std::size_t const stop = std::min(text_.find(divider, begin), end);
      std::string_view value = trimmed(text_.substr(begin, stop - begin));
      if (value.size() >= 2 && value.starts_with('"') && value.ends_with('"'))
        value = value.substr(1, value.size() - 2);
      bool const placeholder =
          value.empty() || value == "..." || value == "…" || value == "?" || value == "*";
      if (placeholder)
        return refuse(begin,
                      fmt::format("expected the values of {}, saw {}", in_quotes(label.name),
                                  in_quotes(value)),
                      "label-values", "list every value, or leave the set out for an open label");
      label.values.emplace_back(value);
      begin = stop + 1;
    }
    std::vector<std::string_view> sorted(label.values.begin(), label.values.end());
    std::sort(sorted.begin(), sorted.end());
    auto const repeated = std::adjacent_find(sorted.begin(), sorted.end());
    if (repeated != sorted.end())
      return refuse(begin - 1,
                    fmt::format("expected each value of {} once, saw {} twice",
                                in_quotes(label.name), in_quotes(*repeated)),
                    "label-values", "remove one of the two");
    return enumerators_differ(label, begin - 1);
  }

  /// Every value becomes an enumerator, and `in-use` and `in_use` would become the same.
  bool enumerators_differ(table_label const& label, std::size_t at) {
    std::map<std::string, std::string_view> values_of;
    for (auto const& value : label.values) {
      auto const [other, is_new] = values_of.emplace(identifier_of(value), value);
      if (!is_new)
        return refuse(at,
                      fmt::format("expected values of {} that differ as C++ names, saw {} and {}, "
                                  "both {}",
                                  in_quotes(label.name), in_quotes(other->second), in_quotes(value),
                                  other->first),
                      "enumerator", "rename one of the two, or leave the set out");
    }
    return true;
  }

  /// `=<placeholder>`, `="example"`, `=?`; at_ is at the equals sign.
  bool value(table_label& label, std::size_t name_begin) {
    ++at_;
    skip_spaces();
    char const first = at_ < end_ ? text_[at_] : '\0';
    if (first == '~' || first == '=')
      return refuse(at_ - 1,
                    fmt::format("expected name=value, saw {}", in_quotes(word_at(at_ - 1))),
                    "label-matcher", "a table lists labels; matchers belong in queries");
    if (first == '"' || first == '<') {
      std::size_t const begin = at_ + 1;
      std::size_t const close = text_.find(first == '"' ? '"' : '>', begin);
      if (close == text_.npos || close >= end_)
        return refuse(at_,
                      fmt::format("expected {} after the value, saw the end of the cell",
                                  first == '"' ? "'\"'" : "'>'"),
                      "label-values", "close the value");
      at_ = close + 1;
      std::string_view const inside = text_.substr(begin, close - begin);
      if (first == '"') return true;
      if (inside.find('|') != inside.npos) return values(label, begin, close, '|');
      return not_a_template(label.name, inside, name_begin);
    }
    while (at_ < end_ && !separator(text_[at_])) ++at_;
    return true;
  }

  /// `label_POD_LABEL=<POD_LABEL>` stands for names that are known only at run time.
  bool not_a_template(std::string_view name, std::string_view placeholder, std::size_t at) {
    bool const capitals =
        !placeholder.empty() && std::none_of(placeholder.begin(), placeholder.end(),
                                             [](char c) { return c >= 'a' && c <= 'z'; });
    if (!capitals || !name.ends_with(placeholder) || name.size() == placeholder.size()) return true;
    return refuse(at, fmt::format("expected a label name, saw the template {}", in_quotes(name)),
                  "label-template", "list the labels that the row can have");
  }

  bool remark_in_parentheses() {
    std::size_t depth = 0;
    for (std::size_t i = at_; i < end_; ++i) {
      if (text_[i] == '(') ++depth;
      if (text_[i] == ')' && --depth == 0) {
        at_ = i + 1;
        return true;
      }
    }
    return refuse(at_, "expected ')' after the remark, saw the end of the cell", "label-prose",
                  "close the parenthesis");
  }

  bool remark_to_line_end() {
    std::size_t const stop = std::min(text_.find('\n', at_), end_);
    for (std::size_t i = at_; i < stop; ++i)
      if (cell_.code[i])
        return refuse(i,
                      fmt::format("expected a remark, saw {} in backquotes", in_quotes(word_at(i))),
                      "label-prose", "put each label with its remark on a line of its own (<br>)");
    at_ = stop;
    return true;
  }

  raw_cell const& cell_;
  std::string_view text_;
  std::size_t at_;
  std::size_t end_;
  metric_type type_;
  diagnostics& found_;
  bool has_code_ = false;
  bool all_code_ = true;
  bool good_ = true;
  std::vector<table_label> labels_;
};

}  // namespace

std::optional<std::vector<table_label>> read_labels(raw_cell const& cell, std::size_t begin,
                                                    std::size_t end, metric_type type,
                                                    diagnostics& found) {
  return label_parser(cell, begin, end, type, found).parse();
}

}  // namespace stele::tables
