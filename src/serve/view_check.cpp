#include "serve/view_check.hpp"

#include <algorithm>
#include <string_view>

#include "stele/closest_name.hpp"
#include "stele/descriptor.hpp"

namespace stele::serving {

namespace {

using tables_of = std::span<core::table_link* const>;
using sentences = std::vector<std::string>;

std::string quoted(std::string_view text) { return "'" + std::string(text) + "'"; }

std::string meant(std::string_view closest) {
  return closest.empty() ? std::string() : "; did you mean " + quoted(closest) + "?";
}

std::string_view closest_table(tables_of tables, std::string_view name) noexcept {
  auto const found = std::min_element(tables.begin(), tables.end(), [&](auto* a, auto* b) {
    return naming::edit_distance(a->info->name, name) < naming::edit_distance(b->info->name, name);
  });
  return (*found)->info->name;
}

std::string_view closest_row(tables_of tables, std::string_view name) {
  std::vector<descriptor const*> rows;
  for (core::table_link const* each : tables)
    rows.insert(rows.end(), each->info->rows.begin(), each->info->rows.end());
  return naming::closest_name(rows, name);
}

template <class Matches>
bool any_row(tables_of tables, Matches matches) {
  return std::any_of(tables.begin(), tables.end(), [&](core::table_link const* each) {
    return std::any_of(each->info->rows.begin(), each->info->rows.end(), matches);
  });
}

void doubt_tables(view const& of, tables_of tables, sentences& into) {
  for (std::string_view const name : of.tables)
    if (std::none_of(tables.begin(), tables.end(),
                     [&](core::table_link const* each) { return each->info->name == name; }))
      into.push_back(".tables: no table that is served is named " + quoted(name) +
                     meant(closest_table(tables, name)));
}

/// A pattern is for whatever there may be.
void doubt_rows(view_list<std::string_view> const& patterns, std::string_view where,
                tables_of tables, sentences& into) {
  for (std::string_view const name : patterns)
    if (name.find('*') == name.npos &&
        !any_row(tables, [&](descriptor const* row) { return row->name == name; }))
      into.push_back(std::string(where) + ": no row of the tables is named " + quoted(name) +
                     meant(closest_row(tables, name)));
}

/// Whether each row that has the label has a set of values for it, in which this one is not.
bool is_in_no_set(tables_of tables, label_condition const& asked) {
  bool labelled = false;
  bool const possible = any_row(tables, [&](descriptor const* row) {
    return std::any_of(row->labels.begin(), row->labels.end(), [&](label_descriptor const& label) {
      if (label.name != asked.name) return false;
      labelled = true;
      return !label.closed() || std::ranges::find(label.values, asked.value) != label.values.end();
    });
  });
  return labelled && !possible;
}

void doubt_labels(view const& of, tables_of tables, sentences& into) {
  for (label_condition const& each : of.labels)
    if (!each.value.empty() && is_in_no_set(tables, each))
      into.push_back(".labels: no row of the tables has a label " + std::string(each.name) +
                     " that can be " + quoted(each.value));
}

}  // namespace

sentences doubts_about(view const& of, tables_of tables) {
  sentences found;
  doubt_tables(of, tables, found);
  doubt_rows(of.names, ".names", tables, found);
  doubt_rows(of.except, ".except", tables, found);
  doubt_labels(of, tables, found);
  for (std::string& each : found) each.insert(0, "serve: view " + quoted(of.path) + ", ");
  return found;
}

}  // namespace stele::serving
