#include "table/page_text.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

#include "stele/naming.hpp"
#include "table/cell_words.hpp"
#include "table/columns.hpp"
#include "table/text.hpp"

namespace stele::tables {

namespace {

raw_cell cell_of(std::string_view text, std::size_t begin) {
  while (!text.empty() && space(text.front())) {
    text.remove_prefix(1);
    ++begin;
  }
  text = trimmed(text);
  raw_cell cell;
  cell.begin = begin;
  for (std::size_t i = 0; i < text.size(); ++i) cell.append(text.substr(i, 1), begin + i, false);
  return cell;
}

/// Where the three columns of a run-together heading begin: exactly a name's, a type's and a help
/// text's usual headings, in this order.
struct heading_split {
  std::size_t type = 0;
  std::size_t help = 0;
};

std::optional<heading_split> split_heading(std::string_view line) {
  for (std::size_t type = 1; type < line.size(); ++type) {
    if (column_of_heading(line.substr(0, type)) != column::name) continue;
    for (std::size_t help = type + 1; help < line.size(); ++help)
      if (column_of_heading(line.substr(type, help - type)) == column::type &&
          column_of_heading(line.substr(help)) == column::help)
        return heading_split{type, help};
  }
  return std::nullopt;
}

/// Where the type word begins and ends; both are the identifier's end where there is none.
struct type_place {
  std::size_t begin = 0;
  std::size_t end = 0;
};

type_place find_type(std::string_view line) {
  std::size_t identifier = 0;
  while (identifier < line.size() && (naming::letter(line[identifier]) ||
                                      naming::digit(line[identifier]) || line[identifier] == ':'))
    ++identifier;
  auto const continues_a_name = [](char c) {
    return (c >= 'a' && c <= 'z') || naming::digit(c) || c == '_' || c == ':';
  };
  for (std::size_t begin = 1; begin < identifier; ++begin) {
    for (auto const& word : type_words) {
      std::size_t const end = begin + word.text.size();
      if (end > identifier || line.substr(begin, word.text.size()) != word.text) continue;
      if (end == line.size() || !continues_a_name(line[end])) return {begin, end};
    }
  }
  return {identifier, identifier};
}

raw_row read_row(std::string_view line, std::size_t begin) {
  type_place const type = find_type(line);
  raw_row row;
  row.begin = begin;
  row.cells.push_back(cell_of(line.substr(0, type.begin), begin));
  row.cells.push_back(cell_of(line.substr(type.begin, type.end - type.begin), begin + type.begin));
  row.cells.push_back(cell_of(line.substr(type.end), begin + type.end));
  return row;
}

/// Names are in lower case here: a sentence that begins with `Subcounter` is none, nor is one that
/// begins with `sysinfo`.
bool looks_like_a_row(std::string_view line) noexcept {
  type_place const type = find_type(line);
  std::string_view const name = line.substr(0, type.begin);
  bool const info = line.substr(type.begin, type.end - type.begin) == "info";
  return type.begin < type.end && naming::valid_metric_name(name) &&
         (!info || type_fits_name(metric_type::info, name)) &&
         std::none_of(name.begin(), name.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

std::optional<raw_table> table_of_heading(std::string_view line, std::size_t begin) {
  constexpr std::size_t heading_size_max = 60;  // three of the longest usual headings
  auto const split = line.size() <= heading_size_max ? split_heading(line) : std::nullopt;
  if (!split) return std::nullopt;
  raw_table table;
  table.begin = begin;
  table.headings = {
      cell_of(line.substr(0, split->type), begin),
      cell_of(line.substr(split->type, split->help - split->type), begin + split->type),
      cell_of(line.substr(split->help), begin + split->help)};
  return table;
}

}  // namespace

std::vector<raw_table> read_page_text(source_text const& page, page_lines& lines) {
  std::vector<raw_table> tables;
  bool in_table = false;
  bool behind_a_blank = false;
  for (std::size_t number = 1; number <= page.lines(); ++number) {
    std::string_view line = page.line(number);
    std::size_t const indent = std::min(line.find_first_not_of(" \t"), line.size());
    std::size_t const begin = page.line_begin(number) + indent;
    line = trimmed(line);
    if (line.empty()) {
      behind_a_blank = true;
      continue;
    }
    bool const row = looks_like_a_row(line);
    // The next row goes on with a table; anything else behind a blank line ends it.
    if (behind_a_blank && !row) in_table = false;
    behind_a_blank = false;
    if (in_table) {
      tables.back().rows.push_back(read_row(line, begin));
      lines.mark(number, 1, line_kind::table);
    } else if (auto table = table_of_heading(line, begin)) {
      tables.push_back(std::move(*table));
      in_table = true;
      lines.mark(number, 1, line_kind::table);
    } else if (row && !tables.empty()) {
      lines.mark(number, 1, line_kind::run_together);
    }
  }
  return tables;
}

}  // namespace stele::tables
