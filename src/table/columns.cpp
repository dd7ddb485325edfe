#include "table/columns.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "table/cell_words.hpp"
#include "table/text.hpp"

namespace stele::tables {

namespace {

struct known_heading {
  std::string_view text;
  column which;
};

constexpr known_heading known_headings[]{
    {"metric", column::name},
    {"metrics", column::name},
    {"metric name", column::name},
    {"metric_name", column::name},
    {"metric names", column::name},
    {"name", column::name},
    {"prometheus metric", column::name},
    {"type", column::type},
    {"kind", column::type},
    {"metric type", column::type},
    {"description", column::help},
    {"metric description", column::help},
    {"help", column::help},
    {"help text", column::help},
    {"labels", column::labels},
    {"label", column::labels},
    {"label names", column::labels},
    {"metric labels", column::labels},
    {"tags", column::labels},
    {"labels/tags", column::labels},
    {"unit", column::unit},
    {"units", column::unit},
    {"buckets", column::distribution},
    {"quantiles", column::distribution},
    {"bucket", column::distribution},
    {"quantile", column::distribution},
    {"buckets/quantiles", column::distribution},
    {"distribution", column::distribution},
    {"bounds", column::distribution},
    {"stability", column::stability},
    {"stability level", column::stability},
    {"status", column::stability},
    {"source", column::source},
    {"lint", column::lint},
};

/// A heading `Name` says little; a heading with the word "metric" says enough.
bool says_metric(raw_cell const& heading) {
  return lowered(heading.text).find("metric") != std::string::npos;
}

/// Whether some row's type is a metric's, or close enough to one to be a typo.
bool has_metric_types(raw_table const& table, std::size_t name_place, std::size_t type_place) {
  return std::any_of(table.rows.begin(), table.rows.end(), [&](raw_row const& row) {
    std::string_view const cell = row.cells[name_place].text;
    std::string_view const name = trimmed(cell.substr(0, cell.find('{')));
    std::string const word = lowered(single_spaced(row.cells[type_place].text));
    return std::any_of(type_words.begin(), type_words.end(), [&](type_word const& known) {
      return nearly_type(word, known) && type_fits_name(known.means, name);
    });
  });
}

/// Why a table with a column of names does not list metrics; empty where it does.
std::string_view not_metrics(raw_table const& table, column_map const& columns) {
  std::size_t const name = *columns[column::name];
  if (says_metric(table.headings[name])) return {};
  if (auto const type = columns[column::type]; type && !has_metric_types(table, name, *type))
    return "none of its types is a metric's";
  bool const more_than_prose = columns[column::type] || columns[column::unit] ||
                               columns[column::labels] || columns[column::distribution];
  return more_than_prose ? std::string_view{}
                         : "it has neither a Type column nor another that only metrics have";
}

/// The known heading that an unknown one is a slip of the pen away from, or nullptr.
known_heading const* nearest_heading(std::string_view heading) {
  std::string const text = lowered(single_spaced(heading));
  for (auto const& known : known_headings)
    if (known.text.size() > 3 && nearly(text, known.text)) return &known;
  return nullptr;
}

}  // namespace

column column_of_heading(std::string_view heading) {
  std::string text = lowered(single_spaced(heading));
  if (auto const remark = text.find('('); remark != text.npos && remark > 0) text.resize(remark);
  while (!text.empty() && (text.back() == ' ' || text.back() == ':')) text.pop_back();
  for (auto const& known : known_headings)
    if (known.text == text) return known.which;
  return column::unknown;
}

std::optional<column_map> recognise_columns(raw_table const& table, diagnostics& found) {
  column_map columns;
  diagnostics notes;  // only of interest where the table is read
  bool ambiguous = false;
  for (std::size_t i = 0; i < table.headings.size(); ++i) {
    raw_cell const& heading = table.headings[i];
    column const which = column_of_heading(heading.text);
    if (auto const* close = which == column::unknown ? nearest_heading(heading.text) : nullptr) {
      notes.warning(heading.begin,
                    fmt::format("the column {} is not read", in_quotes(trimmed(heading.text))),
                    "column-ignored", fmt::format("write {}, if that is meant", close->text));
    } else if (which == column::unknown) {
      notes.note(heading.begin,
                 fmt::format("the column {} is not read", in_quotes(trimmed(heading.text))),
                 "column-ignored");
    } else if (auto const earlier = columns[which]) {
      notes.error(heading.begin,
                  fmt::format("expected one column of this kind, saw {} beside {}",
                              in_quotes(trimmed(heading.text)),
                              in_quotes(trimmed(table.headings[*earlier].text))),
                  "column-repeat", "rename one of the two");
      ambiguous = true;
    } else {
      columns.set(which, i);
    }
  }

  std::string_view const reason =
      columns[column::name] ? not_metrics(table, columns) : "it has no column of metric names";
  if (!reason.empty()) {
    found.note(table.begin,
               fmt::format("this table of {} rows is skipped: {}", table.rows.size(), reason),
               "table-skipped");
    return std::nullopt;
  }
  found.add_all(notes);
  if (ambiguous) return std::nullopt;
  return columns;
}

}  // namespace stele::tables
