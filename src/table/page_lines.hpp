// page_lines.hpp: what each line of a page turned out to be.
//
// The readers mark what they read, and what they leave alone on purpose; the rest is searched for
// rows that stand outside of any table (stray_rows.hpp).
//
//   page_lines lines(page.lines());
//   lines.mark(3, 2, line_kind::table);   // lines 3 and 4
//
// Threads: one compilation, one thread.

#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace stele::tables {

enum class line_kind : std::uint8_t {
  text,
  table,          // of a table that was read
  aside,          // in fenced code or a comment: not compiled, and not meant to be
  indented_code,  // by four spaces or more
  html,
  run_together,  // a row of page text behind the end of its table
};

class page_lines {
 public:
  explicit page_lines(std::size_t lines) : kinds_(lines) {}

  /// Lines count from 1; those past the last one are passed over.
  void mark(std::size_t first, std::size_t count, line_kind kind) noexcept {
    std::size_t const begin = std::min(std::max<std::size_t>(first, 1) - 1, kinds_.size());
    std::size_t const end = begin + std::min(count, kinds_.size() - begin);
    for (std::size_t i = begin; i < end; ++i) kinds_[i] = kind;
  }
  [[nodiscard]] line_kind operator[](std::size_t line) const noexcept {
    return line >= 1 && line <= kinds_.size() ? kinds_[line - 1] : line_kind::text;
  }
  [[nodiscard]] std::size_t size() const noexcept { return kinds_.size(); }

 private:
  std::vector<line_kind> kinds_;
};

}  // namespace stele::tables
