#include "table/header_names.hpp"

#include <map>
#include <utility>

#include "table/identifiers.hpp"

namespace stele::tables {

namespace {

class namer {
 public:
  namer(metric_table const& table, std::string_view namespace_name) : table_(table) {
    // What the header itself says in its namespace, and what it must see through it from outside.
    for (char const* taken :
         {"metric", "table", "rows", "row_named", "label_values", "stele", "std"})
      scope_.reserve(taken);
    scope_.reserve(namespace_name);
  }

  header_names name_all() {
    for (auto const& row : table_) {
      for (auto const& label : row.labels)
        if (!label.values.empty()) sets_of_label_[label.name].insert(label.values);
      if (!row.states.empty()) sets_of_label_[row.name].insert(row.states);
    }
    for (auto const& row : table_) {
      for (auto const& label : row.labels)
        if (!label.values.empty()) closed_set(row, label);
      if (!row.states.empty()) closed_set(row, states_of(row));
    }
    for (auto const& row : table_) {
      row_names names;
      if (!row.labels.empty()) names.label_set = label_set(row);
      if (!row.states.empty()) names.states = closed_set(row, states_of(row));
      result_.rows.push_back(std::move(names));
    }
    name_rows();
    return std::move(result_);
  }

 private:
  /// The closed label that a stateset's states were on the page.
  static table_label states_of(table_row const& row) { return {row.name, row.states}; }

  /// A label's only set has the label's name. Where rows have different sets under one name, each
  /// says which row it belongs to: were the first to keep the plain name, a new row could change
  /// what that name means in code that compiles.
  std::size_t closed_set(table_row const& row, table_label const& label) {
    auto const [place, is_new] =
        enums_.try_emplace(std::pair(label.name, label.values), result_.enums.size());
    if (!is_new) return place->second;
    enum_names names;
    bool const plain = sets_of_label_[label.name].size() == 1;
    names.name = scope_.take(plain ? label.name : label.name + "_of_" + row.name);
    names.values_name = scope_.take(names.name + "_values");
    for (auto const& value : label.values) {
      names.values.push_back(value);
      names.enumerators.push_back(identifier_of(value));
    }
    result_.enums.push_back(std::move(names));
    return place->second;
  }

  std::size_t label_set(table_row const& row) {
    std::vector<std::pair<std::string, std::vector<std::string>>> key;
    std::string joined;
    for (auto const& label : row.labels) {
      key.emplace_back(label.name, label.values);
      joined += (joined.empty() ? "" : "_") + label.name;
    }
    auto const [place, is_new] = sets_.try_emplace(std::move(key), result_.label_sets.size());
    if (!is_new) return place->second;
    if (!set_labels_.insert(joined).second) joined += "_of_" + row.name;

    label_set_names names;
    names.struct_name = scope_.take("labels_" + joined);
    names.array_name = scope_.take("label_set_" + joined);
    name_scope members{"named", "hana_accessors_impl", "Row", names.struct_name};
    for (auto const& label : row.labels) {
      label_names member{label.name, members.take(label.name), std::nullopt};
      if (!label.values.empty()) member.closed_set = closed_set(row, label);
      names.labels.push_back(std::move(member));
    }
    result_.label_sets.push_back(std::move(names));
    return place->second;
  }

  /// A row's struct sees the namespace's names, and has members of its own.
  void name_rows() {
    name_scope scope{"labels", "index", "about", "bounds", "quantiles", "state"};
    for (auto const& name : scope_.taken()) scope.reserve(name);
    for (std::size_t i = 0; i < table_.size(); ++i)
      result_.rows[i].struct_name = scope.take(table_[i].name);
  }

  metric_table const& table_;
  header_names result_;
  name_scope scope_;
  std::map<std::pair<std::string, std::vector<std::string>>, std::size_t> enums_;
  std::map<std::string, std::set<std::vector<std::string>>> sets_of_label_;
  std::map<std::vector<std::pair<std::string, std::vector<std::string>>>, std::size_t> sets_;
  std::set<std::string> set_labels_;
};

}  // namespace

header_names name_header(metric_table const& table, std::string_view namespace_name) {
  return namer(table, namespace_name).name_all();
}

}  // namespace stele::tables
