// table_case.hpp: what the tests of the table compiler share: pages in, reports out.

#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

#include "table/compile.hpp"

namespace stele::tables::test {

/// A compilation that owns its page.
struct compiled_page {
  std::string text;
  compilation result;

  explicit compiled_page(std::string page) : text(std::move(page)), result(compile_page(text)) {}
  compiled_page(compiled_page const&) = delete;
  compiled_page& operator=(compiled_page const&) = delete;

  [[nodiscard]] std::string report() const { return result.report("p.md"); }
  [[nodiscard]] table_row const& row(std::size_t index = 0) const { return result.table.at(index); }
};

/// A page with one table of these columns and rows: `| a | b |`, `| c | d |`.
inline std::string page_of(std::string_view heading, std::string_view rows) {
  std::string page(heading);
  page += "\n|";
  for (std::size_t i = 1; i < heading.size(); ++i)
    if (heading[i] == '|') page += "---|";
  return page.append("\n").append(rows).append("\n");
}

/// A page with one counter that has this Labels cell. The cell's text begins at 3:26.
inline std::string labels_page(std::string_view cell, std::string_view type = "counter") {
  return page_of(
      "| Metric | Type | Help | Labels |",
      std::string("| x_total | ").append(type).append(" | X | ").append(cell).append(" |"));
}

/// Passes where one of the report's lines is exactly this.
inline testing::AssertionResult has_line(std::string const& report, std::string_view line) {
  if (("\n" + report).find("\n" + std::string(line) + "\n") != std::string::npos)
    return testing::AssertionSuccess();
  return testing::AssertionFailure() << "no line\n  " << line << "\nin\n" << report;
}

inline std::string source_root() {
  char const* const stated = std::getenv("STELE_SOURCE_ROOT");
#ifdef STELE_SOURCE_ROOT
  return stated != nullptr ? stated : STELE_SOURCE_ROOT;
#else
  return stated != nullptr ? stated : ".";
#endif
}

/// A file below the source root, or nothing where there is none.
inline std::optional<std::string> file_text(std::string const& path) {
  std::ifstream file(source_root() + "/" + path, std::ios::binary);
  if (!file) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

}  // namespace stele::tables::test
