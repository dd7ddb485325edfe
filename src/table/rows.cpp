#include "table/rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "stele/naming.hpp"
#include "stele/table_rules.hpp"
#include "table/cell_words.hpp"
#include "table/columns.hpp"
#include "table/distribution_cell.hpp"
#include "table/label_cell.hpp"
#include "table/text.hpp"

namespace stele::tables {

namespace {

/// What a writer could have meant by a name that Prometheus does not take. Only a hint.
std::string name_fix(std::string_view name) {
  if (name.find('*') != name.npos) return "list each metric that the wildcard stands for";
  if (name.find('<') != name.npos || name.find('[') != name.npos)
    return "list each metric that the placeholder stands for";
  std::string candidate(name);
  for (char& c : candidate)
    if (c == '.' || c == '-' || c == '/') c = '_';
  if (naming::valid_documented_name(candidate))
    return fmt::format("if the service exposes it as {}, write that", candidate);
  return "write one metric name a row: letters, digits and underscores";
}

class row_reader {
 public:
  row_reader(raw_row const& row, column_map const& columns, diagnostics& found)
      : raw_(row), columns_(columns), found_(found) {
    nothing_.begin = row.begin;
  }

  std::optional<table_row> read() {
    std::size_t const errors_before = found_.errors();
    if (raw_.surplus)
      found_.error(raw_.surplus_begin,
                   fmt::format("expected {} cells, saw more", raw_.cells.size()), "row-width",
                   "write a pipe inside a cell as \\|");
    read_name();
    bool const typed = read_type();
    result_.help = single_spaced(cell(column::help).text);
    result_.at.help = cell(column::help).begin;
    if (auto const unit = read_unit(cell(column::unit), result_.name, result_.type, found_))
      result_.unit = *unit;
    bool const labelled = read_all_labels();
    if (labelled && result_.type == metric_type::stateset) take_states();
    if (typed) read_distribution();
    result_.at.source = cell(column::source).begin;
    result_.source_is_empty =
        columns_[column::source].has_value() && trimmed(cell(column::source).text).empty();
    if (auto source = read_source(cell(column::source), found_)) {
      result_.source = source->source;
      result_.absent_reason = std::move(source->absent_reason);
    }
    if (auto allowances = read_allowances(cell(column::lint), found_))
      result_.allowances = std::move(*allowances);
    if (found_.errors() != errors_before) return std::nullopt;
    return std::move(result_);
  }

 private:
  [[nodiscard]] raw_cell const& cell(column which) const noexcept {
    auto const place = columns_[which];
    return place ? raw_.cells[*place] : nothing_;
  }

  void read_name() {
    raw_cell const& name_cell = cell(column::name);
    std::string_view const text = name_cell.text;
    labels_in_name_ = text.find('{');
    std::string_view const name = trimmed(text.substr(0, labels_in_name_));
    result_.at.name = name_cell.begin;
    result_.name = name;
    if (labels_in_name_ == text.npos) labels_in_name_ = text.size();
    if (name.empty()) {
      found_.error(name_cell.begin, "expected a metric name, saw an empty cell", "name",
                   "name the metric, or remove the row");
    } else if (naming::valid_metric_name(name) && !naming::valid_documented_name(name)) {
      found_.error(name_cell.begin,
                   fmt::format("expected a name without colons, saw {}", in_quotes(name)),
                   "name-colon", "colons belong to recording rules");
    } else if (!naming::valid_documented_name(name)) {
      found_.error(name_cell.begin, fmt::format("expected a metric name, saw {}", in_quotes(name)),
                   "name", name_fix(name));
    }
  }

  bool read_type() {
    result_.at.type = cell(column::type).begin;
    if (!columns_[column::type]) {
      found_.error(raw_.begin,
                   fmt::format("expected a Type column for {}, saw a table without one",
                               in_quotes(result_.name)),
                   "type-missing", "add a Type column; a type is never guessed");
      return false;
    }
    auto const type = tables::read_type(cell(column::type), found_);
    if (type) result_.type = *type;
    if (type == metric_type::info && !naming::has_info(result_.name))
      found_.error(cell(column::name).begin,
                   fmt::format("expected a name that ends in _info for an info row, saw {}",
                               in_quotes(result_.name)),
                   "info-name", fmt::format("name it {}_info", result_.name));
    return type.has_value();
  }

  /// Labels stand in a cell of their own, or behind the name; where in both, they must agree.
  /// False where they were refused.
  bool read_all_labels() {
    raw_cell const& own = cell(column::labels);
    raw_cell const& name_cell = cell(column::name);
    result_.at.labels = own.begin;
    auto labels = read_labels(own, 0, own.text.size(), result_.type, found_);
    if (labels) result_.labels = std::move(*labels);
    if (labels_in_name_ == name_cell.text.size()) return labels.has_value();

    auto behind =
        read_labels(name_cell, labels_in_name_, name_cell.text.size(), result_.type, found_);
    if (!labels || !behind) return false;
    if (result_.labels.empty()) {
      result_.labels = std::move(*behind);
      result_.at.labels = name_cell.at(labels_in_name_);
    } else if (result_.labels != *behind) {
      found_.error(name_cell.at(labels_in_name_),
                   fmt::format("expected the labels of the Labels cell, saw {}",
                               in_quotes(std::string_view(name_cell.text).substr(labels_in_name_))),
                   "label-conflict", "state the labels once");
      return false;
    }
    return true;
  }

  /// The label that has a stateset's own name lists its states. It is no label of the series: the
  /// exposition writes it.
  void take_states() {
    auto const own = std::find_if(result_.labels.begin(), result_.labels.end(),
                                  [&](auto const& label) { return label.name == result_.name; });
    std::size_t const states = own == result_.labels.end() ? 0 : own->values.size();
    if (states >= 1 && states <= naming::states_max) {
      result_.states = std::move(own->values);
      result_.labels.erase(own);
      return;
    }
    std::string const seen = own == result_.labels.end() ? "no such label"
                             : states == 0               ? "an open label"
                                                         : fmt::format("{} values", states);
    found_.error(result_.at.labels,
                 fmt::format("expected a closed label {} that lists 1 to {} states, saw {}",
                             in_quotes(result_.name), naming::states_max, seen),
                 "stateset-states",
                 fmt::format("write `{}{{on,off}}`, with the states in the braces", result_.name));
  }

  void read_distribution() {
    auto read =
        tables::read_distribution(cell(column::distribution), result_.type, result_.unit, found_);
    if (!read) return;
    result_.native_schema = read->native_schema;
    if (result_.type == metric_type::summary) result_.quantiles = std::move(read->values);
    if (result_.type == metric_type::histogram) result_.bounds = std::move(read->values);
  }

  raw_row const& raw_;
  column_map const& columns_;
  diagnostics& found_;
  raw_cell nothing_;  // what a column that the table does not have says
  std::size_t labels_in_name_ = 0;
  table_row result_;
};

bool empty(raw_row const& row) {
  return std::all_of(row.cells.begin(), row.cells.end(),
                     [](raw_cell const& cell) { return trimmed(cell.text).empty(); });
}

}  // namespace

metric_table read_rows(std::vector<raw_table> const& tables, diagnostics& found,
                       row_counts& counts) {
  metric_table result;
  for (raw_table const& table : tables) {
    std::size_t const errors_before = found.errors();
    auto const columns = recognise_columns(table, found);
    if (!columns) {
      bool const faulty = found.errors() != errors_before;
      (faulty ? counts.refused : counts.skipped) += table.rows.size();
      continue;
    }
    for (raw_row const& row : table.rows) {
      if (empty(row) && !row.surplus) {
        found.note(row.begin, "this empty row is skipped", "row-empty");
        ++counts.skipped;
      } else if (auto compiled = row_reader(row, *columns, found).read()) {
        result.push_back(std::move(*compiled));
      } else {
        ++counts.refused;
      }
    }
  }
  return result;
}

}  // namespace stele::tables
