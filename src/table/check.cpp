#include "table/check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "stele/enum_names.hpp"
#include "stele/naming.hpp"
#include "stele/slab.hpp"
#include "table/sdk_rows.hpp"
#include "table/text.hpp"

namespace stele::tables {

namespace {

/// The series of a row whose labels are all closed exist from the start.
constexpr std::size_t closed_series_max = 10'000;

/// The library places a table's cells by 32-bit offsets, and each thread has a slab of its own.
constexpr std::size_t cells_bytes_max = std::size_t{64} << 20;

/// Labels as a page states them: a stateset's states are the label that has its name.
std::string labels_of(table_row const& row) {
  std::vector<table_label> labels = row.labels;
  if (!row.states.empty()) labels.push_back({row.name, row.states});
  if (labels.empty()) return "no labels";
  std::string result;
  for (auto const& label : labels) {
    result += result.empty() ? "" : " ";
    result += label.name;
    if (!label.values.empty()) result += fmt::format("{{{}}}", fmt::join(label.values, ","));
  }
  return in_quotes(result);
}

/// A later row of a name that an earlier row has: whether it adds nothing to it.
bool repeats(table_row const& earlier, table_row const& later, diagnostics& found) {
  if (later.type != earlier.type) {
    found.error(later.at.type,
                fmt::format("expected {}, the type of an earlier row of {}, saw '{}'",
                            name_of(earlier.type), in_quotes(later.name), name_of(later.type)),
                "repeat-type", "give one of the two another name");
    return false;
  }
  if (later.labels != earlier.labels || later.states != earlier.states) {
    found.error(later.at.labels,
                fmt::format("expected {}, the labels of an earlier row of {}, saw {}",
                            labels_of(earlier), in_quotes(later.name), labels_of(later)),
                "repeat-labels", "state the same labels, or remove one of the two rows");
    return false;
  }
  bool const same = later.unit == earlier.unit && later.source == earlier.source &&
                    later.absent_reason == earlier.absent_reason &&
                    later.bounds == earlier.bounds && later.quantiles == earlier.quantiles &&
                    later.native_schema == earlier.native_schema;
  if (!same) {
    found.error(later.at.name,
                fmt::format("expected the unit, distribution and source of an earlier row, saw "
                            "others for {}",
                            in_quotes(later.name)),
                "repeat", "remove one of the two rows");
    return false;
  }
  if (later.help != earlier.help)
    found.warning(later.at.help,
                  fmt::format("expected the description of an earlier row of {}, which is kept, "
                              "saw {}",
                              in_quotes(later.name), in_quotes(later.help)),
                  "repeat-help", "write the same description in both");
  else
    found.note(later.at.name, fmt::format("{} repeats an earlier row", in_quotes(later.name)),
               "repeat");
  return true;
}

void merge_repeats(metric_table& table, diagnostics& found, row_counts& counts) {
  std::unordered_map<std::string, std::size_t> places;
  metric_table kept;
  for (auto& row : table) {
    auto const [place, is_new] = places.try_emplace(row.name, kept.size());
    if (is_new)
      kept.push_back(std::move(row));
    else if (repeats(kept[place->second], row, found))
      ++counts.merged;
    else
      ++counts.refused;
  }
  table = std::move(kept);
}

void set_openmetrics_unknown(metric_table& table) {
  std::unordered_set<std::string_view> names;
  for (auto const& row : table) names.insert(row.name);
  for (auto& row : table)
    row.openmetrics_unknown = naming::openmetrics_unknown(
        row.name, row.type, names.contains(naming::without_total(row.name)));
}

/// Two rows clash only where one's family is a name that the other takes (stele::naming::clash):
/// looking each taken name up among the families finds all pairs. The later row is refused.
void refuse_clashes(metric_table& table, diagnostics& found, row_counts& counts) {
  std::unordered_map<std::string_view, std::size_t> families;
  std::vector<descriptor> rows;
  for (auto const& row : table) rows.push_back(described(row));
  for (std::size_t i = 0; i < rows.size(); ++i) families.emplace(naming::family_name(rows[i]), i);

  std::vector<bool> refused(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (auto const suffix : naming::taken_suffixes(rows[i])) {
      std::string const taken = std::string(naming::family_name(rows[i])).append(suffix);
      auto const other = families.find(taken);
      if (other == families.end() || other->second == i) continue;
      auto const [first, second] = std::minmax(i, other->second);
      found.error(table[second].at.name,
                  fmt::format("expected a name that the {} {} does not take through its suffixes, "
                              "saw {}; both would expose {}",
                              name_of(table[first].type), in_quotes(table[first].name),
                              in_quotes(table[second].name), in_quotes(taken)),
                  "clash", "rename one of the two");
      refused[second] = true;
    }
  }
  metric_table kept;
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (refused[i])
      ++counts.refused;
    else
      kept.push_back(std::move(table[i]));
  }
  table = std::move(kept);
}

void refuse_large_sets(metric_table& table, diagnostics& found, row_counts& counts) {
  std::erase_if(table, [&](table_row const& row) {
    std::size_t series = std::max<std::size_t>(1, row.states.size());
    for (auto const& label : row.labels) {
      series *= label.values.empty() ? 1 : label.values.size();
      if (series <= closed_series_max) continue;
      found.error(row.at.labels,
                  fmt::format("expected at most {} combinations of closed values, saw more on {}",
                              closed_series_max, in_quotes(row.name)),
                  "label-values", "leave out a set of values: the label is then open");
      ++counts.refused;
      return true;
    }
    return false;
  });
}

/// What a row's cells take, as stele::row_bytes has it. REQUIRES: at most closed_series_max series.
std::size_t bytes_of(table_row const& row) {
  if (row.type == metric_type::info) return sizeof(void*);
  std::size_t series = 1;
  for (auto const& label : row.labels) {
    if (label.values.empty()) return sizeof(void*);  // an open label: a thread's list of series
    series *= label.values.size();
  }
  descriptor cells = described(row);
  cells.bounds = row.bounds;
  cells.native_schema = row.native_schema;
  return series * cell_bytes(cells);
}

void refuse_large_tables(metric_table& table, diagnostics& found, row_counts& counts) {
  std::size_t total = 0;
  std::erase_if(table, [&](table_row const& row) {
    std::size_t const bytes = bytes_of(row);
    if (bytes <= cells_bytes_max - total) {
      total += bytes;
      return false;
    }
    found.error(
        row.at.name,
        fmt::format("expected a table whose closed series take at most {} MiB, saw {} bytes "
                    "more for {} than are left",
                    cells_bytes_max >> 20, bytes - (cells_bytes_max - total), in_quotes(row.name)),
        "table-size", "leave out a set of values, or state fewer bounds");
    ++counts.refused;
    return true;
  });
}

}  // namespace

void check_table(metric_table& table, diagnostics& found, row_counts& counts) {
  merge_repeats(table, found, counts);
  refuse_sdk_rows(table, found, counts);
  refuse_large_sets(table, found, counts);
  refuse_large_tables(table, found, counts);
  set_openmetrics_unknown(table);
  refuse_clashes(table, found, counts);
  set_openmetrics_unknown(table);  // a row that made another `unknown` may be gone
  std::sort(table.begin(), table.end(),
            [](table_row const& a, table_row const& b) { return a.name < b.name; });
  counts.compiled = table.size();
}

}  // namespace stele::tables
