// source.hpp: the text of a page, and where in it an offset stands.
//
// A page is UTF-8 without NUL; a byte order mark is passed over. A line ends with LF, CR LF or CR.
// Offsets are bytes from the beginning of `text()`; positions are for people.
//
//   source_text const page("| a |\r\n| b |");
//   page.position_of(9) == position{2, 3}
//
// Threads: immutable after construction. Does not own the text.

#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "table/diagnostic.hpp"

namespace stele::tables {

/// Both count from 1. A column is a character (code point), as editors count them.
struct position {
  std::size_t line = 1;
  std::size_t column = 1;

  friend bool operator==(position const&, position const&) = default;
};

class source_text {
 public:
  explicit source_text(std::string_view bytes);

  [[nodiscard]] std::string_view text() const noexcept { return text_; }
  [[nodiscard]] std::size_t lines() const noexcept { return line_begins_.size(); }

  /// A line's text without its end; `line` counts from 1. Past the last line: empty.
  [[nodiscard]] std::string_view line(std::size_t line) const noexcept;
  [[nodiscard]] std::size_t line_begin(std::size_t line) const noexcept;
  [[nodiscard]] position position_of(std::size_t offset) const noexcept;

  /// The same where the position of an earlier offset is known: what lies on one line is walked
  /// through once, however many places on it are asked for in order.
  [[nodiscard]] position position_after(std::size_t earlier, position known,
                                        std::size_t offset) const noexcept;

  /// Reports NUL and bytes that are not UTF-8. False where there are any: such a text is not read.
  [[nodiscard]] bool check_encoding(diagnostics& found) const;

 private:
  std::string_view text_;
  std::vector<std::size_t> line_begins_;
};

}  // namespace stele::tables
