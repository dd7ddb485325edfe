// raw_table.hpp: a table as a reader finds it on a page: cells of text, with their places.
//
// What the readers make and the columns stage takes. Markup is gone from a cell's text; every byte
// of it still knows where on the page it came from, so that a diagnostic can point into a cell.
//
//   cell.text == "method{GET,POST}"; page.position_of(cell.at(7)) is the place of `GET`
//
// Threads: values.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace stele::tables {

struct raw_cell {
  std::string text;                  // a line break inside a cell (`<br>`) is '\n'
  std::vector<std::size_t> offsets;  // a place on the page for each byte of the text
  std::vector<bool> code;            // whether the byte stood in backquotes
  std::size_t begin = 0;             // place of the first thing in the cell

  /// The place of text[index]; past the text's end, the place after it.
  [[nodiscard]] std::size_t at(std::size_t index) const noexcept {
    if (index < offsets.size()) return offsets[index];
    return offsets.empty() ? begin : offsets.back() + 1;
  }

  void append(std::string_view piece, std::size_t offset, bool in_code) {
    text.append(piece);
    offsets.insert(offsets.end(), piece.size(), offset);
    code.insert(code.end(), piece.size(), in_code);
  }
};

struct raw_row {
  std::size_t begin = 0;
  std::vector<raw_cell> cells;  // one a heading; a cell the row lacks is empty
  bool surplus = false;         // the row has more cells than the table has headings
  std::size_t surplus_begin = 0;
};

struct raw_table {
  std::size_t begin = 0;
  std::vector<raw_cell> headings;
  std::vector<raw_row> rows;
};

}  // namespace stele::tables
