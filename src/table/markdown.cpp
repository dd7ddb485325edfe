#include "table/markdown.hpp"

#include <cmark-gfm-core-extensions.h>
#include <cmark-gfm.h>
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>

#include "table/markdown_cell.hpp"
#include "table/text.hpp"

namespace stele::tables {

namespace {

/// cmark-gfm fills short rows up to the heading's width, so that a wide heading above many short
/// rows would cost the product of the two.
constexpr std::size_t cells_max = 512;

struct free_parser {
  void operator()(cmark_parser* parser) const noexcept { cmark_parser_free(parser); }
};
struct free_node {
  void operator()(cmark_node* node) const noexcept { cmark_node_free(node); }
};
using node_ptr = std::unique_ptr<cmark_node, free_node>;

node_ptr parse(std::string_view text) {
  static std::once_flag registered;  // cmark-gfm's registry is global and not guarded
  std::call_once(registered, cmark_gfm_core_extensions_ensure_registered);
  std::unique_ptr<cmark_parser, free_parser> const parser(cmark_parser_new(CMARK_OPT_DEFAULT));
  cmark_parser_attach_syntax_extension(parser.get(), cmark_find_syntax_extension("table"));
  cmark_parser_feed(parser.get(), text.data(), text.size());
  return node_ptr(cmark_parser_finish(parser.get()));
}

bool is(cmark_node* node, std::string_view type) noexcept {
  return type == cmark_node_get_type_string(node);
}

/// The next pipe that separates cells: one without a backslash before it.
std::size_t find_pipe(std::string_view line, std::size_t from) noexcept {
  for (std::size_t i = from; i < line.size(); ++i) {
    if (line[i] == '\\')
      ++i;
    else if (line[i] == '|')
      return i;
  }
  return line.npos;
}

/// The cells of a line by its pipes alone: for headings, whose columns cmark-gfm gets wrong where
/// the table follows a paragraph or stands in a list.
std::vector<raw_span> spans_of_line(source_text const& page, std::size_t line, std::size_t cells) {
  std::string_view const text = page.line(line);
  std::size_t const begin = page.line_begin(line);
  std::vector<raw_span> spans;
  std::size_t from = 0;
  std::size_t pipe = find_pipe(text, 0);
  std::size_t const first_letter = text.find_first_not_of(" \t>-*+0123456789.");
  if (pipe != text.npos && pipe == first_letter) {
    from = pipe + 1;
    pipe = find_pipe(text, from);
  }
  while (spans.size() < cells) {
    std::size_t const end = std::min(pipe, text.size());
    spans.push_back({begin + std::min(from, end), begin + end});
    from = std::min(end + 1, text.size());
    pipe = find_pipe(text, from);
  }
  return spans;
}

class page_reader {
 public:
  page_reader(source_text const& page, page_lines& lines, diagnostics& found)
      : page_(page), lines_(lines), found_(found) {}

  std::vector<raw_table> read() {
    if (!width_is_bounded()) return {};
    node_ptr const document = parse(page_.text());
    std::unique_ptr<cmark_iter, void (*)(cmark_iter*)> const nodes(cmark_iter_new(document.get()),
                                                                   &cmark_iter_free);
    std::vector<raw_table> tables;
    for (auto event = cmark_iter_next(nodes.get()); event != CMARK_EVENT_DONE;
         event = cmark_iter_next(nodes.get())) {
      cmark_node* const node = cmark_iter_get_node(nodes.get());
      if (event != CMARK_EVENT_ENTER) continue;
      if (is(node, "table"))
        tables.push_back(read_table(node));
      else
        mark(node);
    }
    return tables;
  }

 private:
  static std::size_t pipes_of(std::string_view line) noexcept {
    return static_cast<std::size_t>(std::count(line.begin(), line.end(), '|'));
  }

  /// Only a delimiter row (`|---|---|`) decides how wide a table is; but cmark-gfm's time grows by
  /// the square of the cells in the line above it, whether or not they make a table.
  bool width_is_bounded() {
    bool bounded = true;
    for (std::size_t line = 1; line <= page_.lines(); ++line) {
      std::string_view const text = page_.line(line);
      if (text.find_first_not_of(" \t|:->") != text.npos) continue;
      bool const delimits = line > 1 && text.find('-') != text.npos;
      std::size_t const pipes =
          std::max(pipes_of(text), delimits ? pipes_of(page_.line(line - 1)) : 0);
      if (pipes <= cells_max) continue;
      bounded = false;
      found_.error(page_.line_begin(line),
                   fmt::format("expected a table of at most {} columns, saw {}", cells_max, pipes),
                   "too-wide");
    }
    return bounded;
  }

  /// Lines are counted in a block's text: cmark-gfm's last lines of blocks are one off at times.
  void mark(cmark_node* node) {
    auto const first = static_cast<std::size_t>(std::max(1, cmark_node_get_start_line(node)));
    if (is(node, "code_block")) {
      int length = 0;
      int offset = 0;
      char character = 0;
      bool const fenced = cmark_node_get_fenced(node, &length, &offset, &character) != 0;
      if (fenced)
        lines_.mark(first, lines_of(node) + 1, line_kind::aside);
      else
        lines_.mark(first, lines_of(node), line_kind::indented_code);
    } else if (is(node, "html_block")) {
      lines_.mark(first, lines_of(node), line_kind::html);
      mark_comments(first, first + lines_of(node));
    } else if (is(node, "paragraph")) {
      mark_comments(first,
                    static_cast<std::size_t>(std::max(0, cmark_node_get_end_line(node))) + 1);
    }
  }

  static std::size_t lines_of(cmark_node* block) noexcept {
    char const* const literal = cmark_node_get_literal(block);
    std::string_view const text = literal == nullptr ? std::string_view{} : literal;
    auto const ends = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
    return ends + (text.empty() || text.ends_with('\n') ? 0 : 1);
  }

  /// The lines of [first, end) that begin inside a comment. One that nothing ends is none.
  void mark_comments(std::size_t first, std::size_t end) {
    std::optional<std::size_t> opened;
    for (std::size_t line = first; line < end; ++line) {
      std::string_view const text = page_.line(line);
      for (std::size_t at = 0; at != text.npos;) {
        at = text.find(opened ? "-->" : "<!--", at);
        if (at == text.npos) break;
        at += 3;
        if (opened && *opened < line) lines_.mark(*opened, line - *opened + 1, line_kind::aside);
        opened = opened ? std::nullopt : std::optional(line);
      }
    }
  }

  raw_table read_table(cmark_node* table) {
    raw_table result;
    cmark_node* const header = cmark_node_first_child(table);
    std::size_t const line = heading_line(table, header);
    lines_.mark(line, 2, line_kind::table);
    auto const width = static_cast<std::size_t>(cmark_gfm_extensions_get_table_columns(table));
    auto const spans = spans_of_line(page_, line, width);
    std::size_t i = 0;
    for (cmark_node* cell = cmark_node_first_child(header); cell != nullptr && i < spans.size();
         cell = cmark_node_next(cell), ++i)
      result.headings.push_back(
          read_cell(cell, page_, spans[i], cmark_node_get_start_column(cell), false));
    result.begin = result.headings.empty() ? page_.line_begin(line) : result.headings[0].begin;
    for (cmark_node* row = cmark_node_next(header); row != nullptr; row = cmark_node_next(row))
      result.rows.push_back(read_row(row));
    return result;
  }

  /// A paragraph above is part of what cmark-gfm counts as the table; the heading stands two lines
  /// above the first row, or one above the table's last line where there is no row.
  static std::size_t heading_line(cmark_node* table, cmark_node* header) noexcept {
    cmark_node* const first = cmark_node_next(header);
    int const line = first != nullptr ? cmark_node_get_start_line(first) - 2
                                      : cmark_node_get_end_line(table) - 1;
    return line < 1 ? 1 : static_cast<std::size_t>(line);
  }

  raw_row read_row(cmark_node* row) {
    auto const line = static_cast<std::size_t>(std::max(1, cmark_node_get_start_line(row)));
    lines_.mark(line, 1, line_kind::table);
    std::size_t const begin = page_.line_begin(line);
    std::string_view const text = page_.line(line);
    auto const place = [&](int column) {
      return begin + std::min(text.size(), static_cast<std::size_t>(std::max(0, column)));
    };
    raw_row result;
    result.begin = begin + std::min(text.find_first_not_of(" \t|"), text.size());
    std::size_t end = begin;
    for (cmark_node* cell = cmark_node_first_child(row); cell != nullptr;
         cell = cmark_node_next(cell)) {
      int const column = cmark_node_get_start_column(cell);
      if (column == 0) {  // the row ends before this heading
        raw_cell missing;
        missing.begin = end;
        result.cells.push_back(missing);
        continue;
      }
      end = std::max(place(column - 1), place(cmark_node_get_end_column(cell)));
      result.cells.push_back(read_cell(cell, page_, {place(column - 1), end}, column, true));
    }
    find_surplus(result, text.substr(end - begin), end);
    return result;
  }

  /// GitHub drops what stands behind the last heading's column; a table compiler may not.
  static void find_surplus(raw_row& row, std::string_view rest, std::size_t begin) {
    std::size_t const content = rest.find_first_not_of(" \t|");
    if (content == rest.npos) return;
    row.surplus = true;
    row.surplus_begin = begin + content;
  }

  source_text const& page_;
  page_lines& lines_;
  diagnostics& found_;
};

}  // namespace

std::vector<raw_table> read_markdown(source_text const& page, page_lines& lines,
                                     diagnostics& found) {
  return page_reader(page, lines, found).read();
}

}  // namespace stele::tables
