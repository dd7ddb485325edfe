// literals.hpp: C++ source text for constants, in lines of at most 100 columns where they can be.
//
//   number_literal(0.1) == "0.1"; string_literal("a\"b") == "\"a\\\"b\""
//
// Threads: pure functions. Numbers do not depend on the locale.

#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace stele::tables {

inline constexpr std::size_t line_size_max = 100;

/// The shortest text that reads back as the same double: `0.1`, `1e+06` becomes `1000000`.
std::string number_literal(double value);

/// In double quotes, escaped; UTF-8 stays as it is.
std::string string_literal(std::string_view text);

/// `before "text"`; where one line is too short, the text is cut at spaces into adjacent literals
/// on lines of their own, indented by `indent`. Room is left for `};` behind it.
std::string wrapped_string(std::string before, std::string_view text, std::size_t indent);

/// `before item, item, … after`; where one line is too short, the items stand on lines of their
/// own, indented by `indent`.
std::string wrapped_list(std::string before, std::span<std::string const> items,
                         std::string_view after, std::size_t indent);

}  // namespace stele::tables
