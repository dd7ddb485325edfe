#include "table/literals.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "table/text.hpp"

namespace stele::tables {

namespace {

/// Columns, for UTF-8 text: continuation bytes do not count.
std::size_t columns(std::string_view text) noexcept {
  std::size_t size = 0;
  for (char const c : text) size += (static_cast<unsigned char>(c) & 0xC0) != 0x80 ? 1 : 0;
  return size;
}

std::size_t last_line_columns(std::string_view text) noexcept {
  return columns(text.substr(text.rfind('\n') + 1));
}

/// The size of the bidirectional control that text begins with, else 0: unpaired, such a character
/// makes the rest of a source line look like something else, and compilers warn.
std::size_t bidi_control_size(std::string_view text) noexcept {
  constexpr std::string_view controls[]{
      "\xD8\x9C",      // U+061C
      "\xE2\x80\x8E",  // U+200E
      "\xE2\x80\x8F",  // U+200F
      "\xE2\x80\xAA",  // U+202A …
      "\xE2\x80\xAB", "\xE2\x80\xAC", "\xE2\x80\xAD",
      "\xE2\x80\xAE",  // … U+202E
      "\xE2\x81\xA6",  // U+2066 …
      "\xE2\x81\xA7", "\xE2\x81\xA8",
      "\xE2\x81\xA9",  // … U+2069
  };
  for (auto const control : controls)
    if (text.starts_with(control)) return control.size();
  return 0;
}

}  // namespace

std::string number_literal(double value) {
  constexpr double plain_max = 1e15;
  bool const whole = std::fabs(value) < plain_max && value == std::floor(value);
  char digits[32];
  auto const end =
      whole ? std::to_chars(digits, digits + sizeof digits, value, std::chars_format::fixed)
            : std::to_chars(digits, digits + sizeof digits, value);
  return {digits, end.ptr};
}

std::string string_literal(std::string_view text) {
  std::string result = "\"";
  for (std::size_t i = 0; i < text.size(); ++i) {
    char const c = text[i];
    auto const byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\')
      result += {'\\', c};
    else if (c == '?' && i > 0 && text[i - 1] == '?')
      result += "\\?";  // no trigraph
    else if (std::size_t const size = bidi_control_size(text.substr(i))) {
      for (char const part : text.substr(i, size))
        result += fmt::format("\\{:03o}", static_cast<unsigned char>(part));
      i += size - 1;
    } else if (c == '\n')
      result += "\\n";
    else if (byte < 0x20 || byte == 0x7f)
      result += fmt::format("\\{:03o}", byte);
    else
      result += c;
  }
  return result + '"';
}

std::string wrapped_string(std::string before, std::string_view text, std::size_t indent) {
  constexpr std::size_t line_end = 2;  // `,` or `};`
  std::string const whole = string_literal(text);
  if (last_line_columns(before) + columns(whole) + line_end <= line_size_max)
    return before.append(whole);

  std::string const margin = "\n" + std::string(indent, ' ');
  std::size_t const room = line_size_max - indent - 2 - line_end;
  std::string result = std::move(before);
  while (result.ends_with(' ')) result.pop_back();
  std::string piece;
  auto const flush = [&] {
    result.append(margin).append(string_literal(piece));
    piece.clear();
  };
  for (std::size_t begin = 0; begin < text.size();) {
    std::size_t const space_at = text.find(' ', begin);
    std::size_t const end = space_at == text.npos ? text.size() : space_at + 1;
    std::string_view const word = text.substr(begin, end - begin);
    bool const fits =
        columns(string_literal(piece)) - 2 + columns(string_literal(word)) - 2 <= room;
    if (!piece.empty() && !fits) flush();
    piece += word;
    begin = end;
  }
  flush();
  return result;
}

std::string wrapped_list(std::string before, std::span<std::string const> items,
                         std::string_view after, std::size_t indent) {
  std::string result = std::move(before);
  std::size_t whole = last_line_columns(result) + columns(after);
  for (auto const& item : items) whole += columns(item) + 2;
  bool const one_line = whole <= line_size_max + 2;  // the last item has no ", " behind it
  std::string const margin = "\n" + std::string(indent, ' ');
  if (!one_line) {
    while (result.ends_with(' ')) result.pop_back();
    result += margin;
  }
  std::size_t used = indent;
  for (std::size_t i = 0; i < items.size(); ++i) {
    bool const last = i + 1 == items.size();
    std::size_t const size = columns(items[i]) + (last ? columns(after) : 1);
    if (i > 0 && !one_line && used + 1 + size > line_size_max) {
      result += margin;
      used = indent;
    } else if (i > 0) {
      result += ' ';
      ++used;
    }
    result.append(items[i]);
    if (!last) result += ',';
    used += columns(items[i]) + 1;
  }
  return result.append(after);
}

}  // namespace stele::tables
