// table.hpp: a compiled table as a whole.
//
// A table is a struct of constants that the table compiler emits: `name`, `content_hash`,
// `descriptors` sorted by name, and `row_types<List>`, the same rows as types.
//
//   boost::hana::for_each(stele::rows<coderd::table>, [](auto row) {
//     use(decltype(row)::type::about.name);
//   });
//
// Threads: constants.

#pragma once

#include <boost/hana/fwd/tuple.hpp>
#include <boost/hana/fwd/type.hpp>

#include <cstddef>
#include <span>
#include <string_view>

#include "closest_name.hpp"
#include "descriptor.hpp"
#include "fixed_string.hpp"
#include "table_rules.hpp"

namespace stele {

namespace detail {

template <class... Rows>
struct hana_rows {
  using type = boost::hana::tuple<boost::hana::type<Rows>...>;
};

}  // namespace detail

/// The registry of a table: a Hana tuple of its rows' types, sorted by name, for every algorithm
/// over rows. Include <boost/hana/tuple.hpp> and the algorithm's header where it is used: naming a
/// row does not need it, and does not pay for it.
template <class Table>
inline constexpr typename Table::template row_types<detail::hana_rows>::type rows{};

/// The place of a name in the sorted table, or its size where there is no such row.
template <class Table>
constexpr std::size_t row_index(std::string_view name) noexcept {
  std::size_t const size = std::size(Table::descriptors);
  for (std::size_t i = 0; i < size; ++i)
    if (Table::descriptors[i]->name == name) return i;
  return size;
}

template <class Table>
constexpr bool has_row(std::string_view name) noexcept {
  return row_index<Table>(name) != std::size(Table::descriptors);
}

namespace detail {

/// The rows of several sorted tables, sorted.
template <std::size_t Size>
struct merged_rows {
  descriptor const* rows[Size == 0 ? 1 : Size]{};
  std::size_t size = 0;

  constexpr void add(std::span<descriptor const* const> table) noexcept {
    descriptor const* before[Size == 0 ? 1 : Size]{};
    for (std::size_t i = 0; i < size; ++i) before[i] = rows[i];
    std::size_t left = 0;
    std::size_t right = 0;
    for (std::size_t i = 0; i < size + table.size(); ++i) {
      bool const from_left =
          right == table.size() || (left < size && before[left]->name <= table[right]->name);
      rows[i] = from_left ? before[left++] : table[right++];
    }
    size += table.size();
  }
};

}  // namespace detail

/// Whether the rows of one or more tables are valid and can stand in one exposition: no name twice,
/// no clash of suffixes.
template <class... Tables>
constexpr bool tables_fit() noexcept {
  detail::merged_rows<(std::size(Tables::descriptors) + ...)> merged;
  (merged.add(Tables::descriptors), ...);
  return naming::table_is_valid({merged.rows, merged.size});
}

namespace detail {

template <class... Rows>
struct row_list {};

template <std::size_t Index, class Rows>
struct row_at;
template <std::size_t Index, class First, class... Rest>
struct row_at<Index, row_list<First, Rest...>> : row_at<Index - 1, row_list<Rest...>> {};
template <class First, class... Rest>
struct row_at<0, row_list<First, Rest...>> {
  using type = First;
};

}  // namespace detail

/// What a name that is not in the table is looked up as. `did_you_mean` is the closest row: a type,
/// since Clang cuts a long string short where it prints one, and never a type's name.
template <class Table, fixed_string Name>
struct unknown_row {
  using did_you_mean =
      typename detail::row_at<row_index<Table>(
                                  naming::closest_name(Table::descriptors, Name.view())),
                              typename Table::template row_types<detail::row_list>>::type;
};

}  // namespace stele
