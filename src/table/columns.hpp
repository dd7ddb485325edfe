// columns.hpp: which column of a table says what, by its heading.
//
// Columns stand in any order and under any of their usual names; a table without a column of names
// lists no metrics, and columns that are not known are ignored. Both are noted.
//
//   column_of_heading("Metric name") == column::name
//
// Threads: pure functions.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "table/diagnostic.hpp"
#include "table/raw_table.hpp"

namespace stele::tables {

enum class column : std::uint8_t {
  name,
  type,
  help,
  labels,
  unit,
  distribution,
  stability,  // known, and not compiled: what a page promises is for people
  source,
  lint,
  unknown,
};

inline constexpr std::size_t column_count = static_cast<std::size_t>(column::unknown);

/// What a heading usually stands for. Case, a trailing colon and a remark in parentheses do not
/// matter.
column column_of_heading(std::string_view heading);

/// A column's place in its table, where the table has it.
class column_map {
 public:
  [[nodiscard]] std::optional<std::size_t> operator[](column which) const noexcept {
    return places_[static_cast<std::size_t>(which)];
  }
  void set(column which, std::size_t place) noexcept {
    places_[static_cast<std::size_t>(which)] = place;
  }

 private:
  std::array<std::optional<std::size_t>, column_count> places_{};
};

/// The columns of a table that lists metrics; nothing for another table. Notes say which columns
/// are ignored, or why the whole table is; two columns of one kind are an error.
std::optional<column_map> recognise_columns(raw_table const& table, diagnostics& found);

}  // namespace stele::tables
