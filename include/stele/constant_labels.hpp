// constant_labels.hpp: labels that every series of a table has, with one value each: where the
// process runs, as what.
//
//   auto set = stele::set_constant_labels<shop::table>({{"region", "eu"}, {"cell", cell_name()}});
//   if (!set) return report(set.error().message);
//
// They stand before a series' own labels, in the order given, in every format. What a scrape adds
// itself (`job`, `instance`) needs none of this.
//
// Threads: any. A scrape that is under way shows the earlier set throughout, or the new one.

#pragma once

#include <cstddef>
#include <initializer_list>
#include <span>
#include <string_view>

#include "api.hpp"
#include "result.hpp"
#include "slab.hpp"

namespace stele {

struct constant_label {
  std::string_view name;
  std::string_view value;  // what is not UTF-8 in it, and NUL, is replaced by U+FFFD
};

namespace core {

/// See stele::set_constant_labels.
STELE_API result<std::size_t> set_constant_labels(table_link& link,
                                                  std::span<constant_label const> labels);

}  // namespace core

/// Gives every series of the table these labels, in the place of an earlier set; none takes them
/// away. Returns how many there are now, or an error, and changes nothing, where a name is no label
/// name, begins with `__`, stands twice, is a label of one of the table's rows, or is one that the
/// exposition writes itself: `le`, `quantile`, the name of a stateset. Throws std::bad_alloc.
template <class Table>
result<std::size_t> set_constant_labels(std::initializer_list<constant_label> labels) {
  return core::set_constant_labels(link_of<Table>, {labels.begin(), labels.size()});
}
template <class Table>
result<std::size_t> set_constant_labels(std::span<constant_label const> labels) {
  return core::set_constant_labels(link_of<Table>, labels);
}

}  // namespace stele
