// label_text.hpp: label values as an exposition shows them: `name="value"`, escaped, joined.
//
// A String is a std::string or one in the core's own memory (memory.hpp).
//
//   append_label(out, "path", "/cart");   // path="/cart"
//
// Threads: pure functions.

#pragma once

#include <string>
#include <string_view>

#include "core/label_page.hpp"
#include "core/memory.hpp"
#include "stele/api.hpp"
#include "stele/descriptor.hpp"

namespace stele::core {

/// Appends `name="value"`. Backslash, quote and newline are escaped, as both text formats want it.
/// REQUIRES: the value is text that may be exposed.
template <class String>
void append_label(String& out, std::string_view name, std::string_view value);

/// The same to memory that has room for the name, twice the value, and 3 bytes. Returns the end.
STELE_API char* write_label(char* to, std::string_view name, std::string_view value) noexcept;

/// `code="200",method="GET"`: the labels of one series, values[0 … labels].
template <class String = string>
String render_labels(descriptor const& row, std::string_view const* values);

/// The rendered labels of every series of a closed row, the last label running fastest.
label_page_use closed_label_page(descriptor const& row);

/// Text that may be exposed: what is not UTF-8, and NUL, at which Prometheus would stop reading, is
/// replaced by U+FFFD. Appends to `out`.
template <class String>
void append_valid_utf8(String& out, std::string_view text);
/// The same for other libraries: exported.map knows no templates.
STELE_API void append_valid_utf8(std::string& out, std::string_view text);

}  // namespace stele::core
