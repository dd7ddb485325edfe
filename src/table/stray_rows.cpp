#include "table/stray_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "stele/naming.hpp"
#include "table/cell_words.hpp"
#include "table/columns.hpp"
#include "table/raw_table.hpp"
#include "table/text.hpp"

namespace stele::tables {

namespace {

struct pipe_line {
  std::size_t begin = 0;  // on the page
  bool outer = false;     // begins with a pipe
  std::vector<std::string_view> cells;
};

/// Past indentation, quotation marks and list markers: a table may stand in each of them.
std::size_t content_begin(std::string_view line) noexcept {
  std::size_t at = 0;
  for (;;) {
    while (at < line.size() && (line[at] == ' ' || line[at] == '\t' || line[at] == '>')) ++at;
    std::size_t marker = at;
    while (marker < line.size() && naming::digit(line[marker])) ++marker;
    std::string_view const ends = marker == at ? "-*+" : ".)";
    bool const listed =
        marker + 1 < line.size() && ends.find(line[marker]) != ends.npos && line[marker + 1] == ' ';
    if (!listed) return at;
    at = marker + 2;
  }
}

/// The cells between pipes without a backslash; no cells for a line without a pipe.
pipe_line split(source_text const& page, std::size_t number) {
  std::string_view line = page.line(number);
  std::size_t const skipped = content_begin(line);
  line = trimmed(line.substr(skipped));
  pipe_line result{page.line_begin(number) + skipped, line.starts_with('|'), {}};
  if (result.outer) line.remove_prefix(1);
  std::size_t begin = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\\') {
      ++i;
    } else if (line[i] == '|') {
      result.cells.push_back(trimmed(line.substr(begin, i - begin)));
      begin = i + 1;
    }
  }
  if (begin > 0 && begin < line.size()) result.cells.push_back(trimmed(line.substr(begin)));
  if (begin == 0 && result.outer) result.cells.push_back(trimmed(line));
  return result;
}

bool is_delimiter(pipe_line const& line) {
  return !line.cells.empty() &&
         std::all_of(line.cells.begin(), line.cells.end(), [](std::string_view cell) {
           return cell.find('-') != cell.npos && cell.find_first_not_of(":-") == cell.npos;
         });
}

std::string_view without_backquotes(std::string_view cell) noexcept {
  while (cell.size() > 1 && cell.front() == '`' && cell.back() == '`')
    cell = trimmed(cell.substr(1, cell.size() - 2));
  return cell;
}

/// A metric's name, and its type behind it: nothing else looks like that.
bool surely_a_row(pipe_line const& line) {
  if (line.cells.size() < 2) return false;
  std::string_view const name = without_backquotes(line.cells[0]);
  std::string_view const bare = name.substr(0, name.find('{'));
  if (!naming::valid_metric_name(bare)) return false;
  return std::any_of(line.cells.begin() + 1, line.cells.end(), [&](std::string_view cell) {
    std::string const word = lowered(without_backquotes(cell));
    return std::any_of(type_words.begin(), type_words.end(), [&](type_word const& type) {
      return type.text == word && type_fits_name(type.means, bare);
    });
  });
}

bool looks_like_a_row(pipe_line const& line) {
  if (is_delimiter(line)) return line.outer;
  if (!line.outer) return surely_a_row(line);
  bool const says_something =
      std::any_of(line.cells.begin(), line.cells.end(), [](std::string_view cell) {
        return std::any_of(cell.begin(), cell.end(),
                           [](char c) { return naming::letter(c) || naming::digit(c); });
      });
  return line.cells.size() >= 2 && says_something;
}

/// Lines that follow each other and look like rows.
struct row_run {
  std::size_t first_line = 0;
  std::vector<pipe_line> lines;

  /// A heading and a delimiter row, whether or not they fit each other.
  [[nodiscard]] bool whole() const { return lines.size() > 1 && is_delimiter(lines[1]); }
  [[nodiscard]] std::size_t rows() const {
    if (whole()) return lines.size() - 2;
    return static_cast<std::size_t>(std::count_if(
        lines.begin(), lines.end(), [](pipe_line const& line) { return !is_delimiter(line); }));
  }
};

raw_row row_of(pipe_line const& line, std::size_t width) {
  raw_row row;
  row.begin = line.begin;
  for (std::string_view const cell : line.cells) {
    raw_cell made;
    made.begin = line.begin;
    made.append(without_backquotes(cell), line.begin, false);
    row.cells.push_back(std::move(made));
  }
  row.cells.resize(width);
  return row;
}

/// Whether a run is a table of its own that lists no metrics. Says so where it is.
bool lists_no_metrics(row_run const& run, diagnostics& found) {
  constexpr std::size_t cells_max = 100'000;  // short rows are filled up to the heading's width
  if (!run.whole() || run.lines[0].cells.size() > cells_max / run.lines.size()) return false;
  raw_table table;
  table.begin = run.lines[0].begin;
  table.headings = row_of(run.lines[0], run.lines[0].cells.size()).cells;
  for (std::size_t i = 2; i < run.lines.size(); ++i)
    table.rows.push_back(row_of(run.lines[i], table.headings.size()));
  diagnostics notes;
  if (recognise_columns(table, notes) || notes.errors() > 0) return false;
  found.add_all(notes);
  return true;
}

struct likely_cause {
  std::string text;
  std::string_view fix;
};

bool below_a_table(source_text const& page, page_lines const& lines, std::size_t line) noexcept {
  std::size_t above = line - 1;
  while (above > 0 && trimmed(page.line(above)).empty()) --above;
  return above > 0 && above + 1 < line && lines[above] == line_kind::table;
}

likely_cause cause_of(row_run const& run, source_text const& page, page_lines const& lines) {
  constexpr std::string_view fenced = "; what is not to be compiled stands between ``` lines";
  switch (lines[run.first_line]) {
    case line_kind::run_together:
      return {"other text ends a table", "move the rows up to the others, or repeat the heading"};
    case line_kind::indented_code:
      return {"four spaces of indentation make a table code", "indent it less"};
    case line_kind::html:
      return {"HTML goes on until a blank line", "leave a blank line behind the tag above"};
    default: break;
  }
  if (run.whole())
    return {fmt::format("the delimiter row has {} columns, the heading {}",
                        run.lines[1].cells.size(), run.lines[0].cells.size()),
            "give the delimiter row one --- for each heading"};
  if (below_a_table(page, lines, run.first_line))
    return {"a blank line ends a table", "remove the blank line above"};
  static std::string const fix =
      std::string("begin the table with a heading and a |---|---| row").append(fenced);
  return {"no heading with a |---|---| row stands above", fix};
}

void refuse(row_run const& run, source_text const& page, page_lines const& lines,
            diagnostics& found, row_counts& counts) {
  std::size_t const rows = run.rows();
  line_kind const kind = lines[run.first_line];
  // Code and HTML may hold much that has pipes: shell commands, drawings.
  bool const may_be_code = kind == line_kind::indented_code || kind == line_kind::html;
  if (rows == 0 || (may_be_code && !run.whole() &&
                    std::none_of(run.lines.begin(), run.lines.end(), surely_a_row)))
    return;
  if (lists_no_metrics(run, found)) {
    counts.skipped += rows;
    return;
  }
  auto const cause = cause_of(run, page, lines);
  found.error(
      run.lines[0].begin,
      fmt::format("expected rows inside a table, saw {} outside of any: {}", rows, cause.text),
      "row-outside-table", std::string(cause.fix));
  counts.refused += rows;
}

}  // namespace

void refuse_stray_rows(source_text const& page, page_lines const& lines, diagnostics& found,
                       row_counts& counts) {
  row_run run;
  for (std::size_t number = 1; number <= page.lines() + 1; ++number) {
    line_kind const kind = lines[number];
    bool const searched = kind != line_kind::table && kind != line_kind::aside;
    pipe_line line;
    bool row = kind == line_kind::run_together;
    if (searched && number <= page.lines()) line = split(page, number);
    row = row || (searched && looks_like_a_row(line));
    if (row) {
      if (run.lines.empty()) run.first_line = number;
      run.lines.push_back(std::move(line));
    } else if (!run.lines.empty()) {
      refuse(run, page, lines, found, counts);
      run = {};
    }
  }
}

}  // namespace stele::tables
