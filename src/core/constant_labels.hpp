// constant_labels.hpp: the labels that every series of a table has, as formats need them.
//
// A set is immutable. The table's state holds the present one; a snapshot holds the one that it was
// gathered with, so that a new one takes nothing from a running scrape.
//
//   if (family.constant_labels != nullptr) out += family.constant_labels->rendered;
//
// Threads: constants, once they are made.

#pragma once

#include "core/memory.hpp"

namespace stele::core {

struct constant_label_set {
  struct label {
    string name;
    string value;  // valid UTF-8, not escaped
  };

  vector<label> labels;  // as given; at least one
  string rendered;       // `region="eu",cell="7"`, as both text formats show them
};

}  // namespace stele::core
