#include "serve/json_text.hpp"

#include <charconv>
#include <cmath>

namespace stele::serving {

namespace {

template <class... Argument>
void append_digits(std::string& out, Argument... argument) {
  char digits[32];  // 24 characters of a double, 20 of an integer
  out.append(digits, std::to_chars(digits, digits + sizeof digits, argument...).ptr);
}

void append_unit(std::string& out, unsigned unit) {
  constexpr char hex[] = "0123456789abcdef";
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += hex[(unit >> shift) & 0xF];
}

bool continues(char byte) noexcept { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

/// How many bytes the first character of a text has; 0 where it is not UTF-8.
std::size_t character_bytes(std::string_view text) noexcept {
  auto const byte = [text](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  unsigned const lead = byte(0);
  std::size_t const size = lead < 0x80    ? 1
                           : lead < 0xC2  ? 0
                           : lead < 0xE0  ? 2
                           : lead < 0xF0  ? 3
                           : lead <= 0xF4 ? 4
                                          : 0;
  if (size == 0 || size > text.size()) return 0;
  for (std::size_t i = 1; i < size; ++i)
    if (!continues(text[i])) return 0;
  if ((lead == 0xE0 && byte(1) < 0xA0) || (lead == 0xED && byte(1) > 0x9F) ||  // long, surrogate
      (lead == 0xF0 && byte(1) < 0x90) || (lead == 0xF4 && byte(1) > 0x8F))    // long, too high
    return 0;
  return size;
}

void append_ascii(std::string& out, char c) {
  switch (c) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\n': out += "\\n"; return;
    case '<':
    case '>':
    case '&': return append_unit(out, static_cast<unsigned char>(c));
    default: break;
  }
  if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
    append_unit(out, static_cast<unsigned char>(c));
  else
    out += c;
}

}  // namespace

void append_json(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    std::size_t const size = character_bytes(text);
    std::string_view const character = text.substr(0, size);
    if (size == 1)
      append_ascii(out, character[0]);
    else if (size == 0)
      out += "\xEF\xBF\xBD";
    else if (character == "\u2028" || character == "\u2029")
      append_unit(out, character == "\u2028" ? 0x2028 : 0x2029);
    else
      out += character;
    text.remove_prefix(size == 0 ? 1 : size);
  }
  out += '"';
}

void append_json(std::string& out, std::uint64_t value) {
  bool const exact = value <= json_integer_max;
  if (!exact) out += '"';
  append_digits(out, value);
  if (!exact) out += '"';
}

void append_json(std::string& out, std::int64_t value) {
  auto const limit = static_cast<std::int64_t>(json_integer_max);
  bool const exact = -limit <= value && value <= limit;
  if (!exact) out += '"';
  append_digits(out, value);
  if (!exact) out += '"';
}

void append_json(std::string& out, double value) {
  if (std::isnan(value))
    out += "\"NaN\"";
  else if (std::isinf(value))
    out += value > 0 ? "\"+Inf\"" : "\"-Inf\"";
  else
    append_digits(out, value == 0 ? 0.0 : value);
}

std::string_view cut_utf8(std::string_view text, std::size_t bytes_max) noexcept {
  if (text.size() <= bytes_max) return text;
  while (bytes_max > 0 && continues(text[bytes_max])) --bytes_max;
  return text.substr(0, bytes_max);
}

}  // namespace stele::serving
