// body_text.hpp: places in the text of a push, and what may not stand in it at all.
//
//   if (auto fault = wrong_bytes(body)) return *fault;
//   return fault_at(body, offset, "expected a label name, saw " + shown(body, offset));
//
// Threads: pure functions.

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "agents/bundle.hpp"

namespace stele::pushing {

struct body_place {
  std::size_t line;    // from 1
  std::size_t column;  // from 1, in bytes
};
body_place place_of(std::string_view body, std::size_t offset) noexcept;

body_fault fault_at(std::string_view body, std::size_t offset, std::string what,
                    body_fault::kind kind = body_fault::kind::syntax);

/// What stands at an offset, for a message: a character in quotes, `the end of the line`, …
std::string shown(std::string_view body, std::size_t offset);
/// A text in quotes, cut where it is long, and without what does not print.
std::string quoted(std::string_view text);

/// Text of a push is UTF-8 without NUL and without a carriage return at the end of a line: the
/// first would be another text when it is exposed, the second ends a scrape, the third fails it.
std::optional<body_fault> wrong_bytes(std::string_view body);

/// Whether text is UTF-8 without NUL: what may be exposed.
bool may_be_exposed(std::string_view text);

}  // namespace stele::pushing
