// percent.hpp: percent-encoding of RFC 3986, as in a path's component.
//
//   append_percent_encoded(path, "u 1");                        // u%201
//   auto const id = percent_decoded("u%201");                   // u 1; nothing of "u%2"
//
// Threads: pure functions.

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace stele::sending {

inline void append_percent_encoded(std::string& to, std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  for (char const c : text) {
    bool const unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                            (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
    if (unreserved) {
      to += c;
      continue;
    }
    auto const byte = static_cast<unsigned char>(c);
    to += {'%', digits[byte >> 4U], digits[byte & 15U]};
  }
}

/// -1 of what is none.
constexpr int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// Nothing where a `%` has not two digits behind it.
inline std::optional<std::string> percent_decoded(std::string_view text) {
  std::string made;
  made.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      made += text[i];
      continue;
    }
    if (text.size() - i < 3) return std::nullopt;
    int const high = hex_digit(text[i + 1]);
    int const low = hex_digit(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    made += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return made;
}

}  // namespace stele::sending
