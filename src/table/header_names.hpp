// header_names.hpp: which C++ names a generated header has, before any of it is written.
//
// Rows with equal label sets share a label struct, closed labels with equal values share an enum.
// No name is a C++ keyword, a macro of a system header or another name of the same scope.
//
//   header_names const names = name_header(table, "coderd");
//   names.rows[0].struct_name == "coderd_agents_up"
//
// Threads: values.

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "table/table.hpp"

namespace stele::tables {

struct enum_names {
  std::string name;         // method
  std::string values_name;  // method_values
  std::vector<std::string> values;
  std::vector<std::string> enumerators;  // one a value
};

struct label_names {
  std::string label;
  std::string member;                     // the label, unless that is a C++ keyword
  std::optional<std::size_t> closed_set;  // among header_names::enums
};

struct label_set_names {
  std::string struct_name;  // labels_method_path
  std::string array_name;   // label_set_method_path
  std::vector<label_names> labels;
};

struct row_names {
  std::string struct_name;               // the metric's name, unless that is a C++ keyword
  std::optional<std::size_t> label_set;  // among header_names::label_sets
  std::optional<std::size_t> states;     // of a stateset, among header_names::enums
};

struct header_names {
  std::vector<enum_names> enums;
  std::vector<label_set_names> label_sets;
  std::vector<row_names> rows;  // one a row of the table, in its order
};

header_names name_header(metric_table const& table, std::string_view namespace_name);

}  // namespace stele::tables
