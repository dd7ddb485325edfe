// base64.hpp: base64 of the URL-safe alphabet, as a push's path has it.
//
//   base64("a/b")   // "YS9i"
//
// Threads: pure functions.

#pragma once

#include <string>
#include <string_view>

namespace stele::sending {

/// Without padding: RFC 4648, section 5. Nothing is `=`, as the Pushgateway writes an empty value.
inline std::string base64(std::string_view text) {
  constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  if (text.empty()) return "=";
  std::string made;
  unsigned bits = 0;
  unsigned held = 0;
  for (char const c : text) {
    held = (held << 8U) | static_cast<unsigned char>(c);
    for (bits += 8; bits >= 6; bits -= 6) made += digits[(held >> (bits - 6)) & 63U];
  }
  if (bits != 0) made += digits[(held << (6 - bits)) & 63U];
  return made;
}

}  // namespace stele::sending
