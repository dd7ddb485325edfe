#include "agents/body_text.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "core/label_text.hpp"

namespace stele::pushing {

namespace {

bool is_ascii(std::string_view text) noexcept {
  std::uint64_t seen = 0;
  char const* at = text.data();
  char const* const end = at + text.size();
  for (; end - at >= 8; at += 8) {
    std::uint64_t word;
    std::memcpy(&word, at, sizeof(word));
    seen |= word;
  }
  unsigned char rest = 0;
  for (; at != end; ++at) rest |= static_cast<unsigned char>(*at);
  return (seen & 0x8080808080808080U) == 0 && rest < 0x80;
}

/// The offset of the first byte that may not be exposed; npos: there is none.
std::size_t first_wrong_byte(std::string_view text) {
  if (text.empty()) return std::string_view::npos;
  if (std::memchr(text.data(), 0, text.size()) == nullptr && is_ascii(text))
    return std::string_view::npos;
  // Only what is wrong is replaced, so the first difference is the first wrong byte.
  std::string valid;
  valid.reserve(text.size());
  core::append_valid_utf8(valid, text);
  if (valid == text) return std::string_view::npos;
  auto const differs = std::mismatch(text.begin(), text.end(), valid.begin(), valid.end());
  return static_cast<std::size_t>(differs.first - text.begin());
}

constexpr char hex_digits[] = "0123456789abcdef";

void append_shown(std::string& out, char c) {
  auto const byte = static_cast<unsigned char>(c);
  if (byte >= 0x20 && byte != 0x7f) {
    out += c;
    return;
  }
  out += "\\x";
  out += hex_digits[byte >> 4];
  out += hex_digits[byte & 15];
}

}  // namespace

body_place place_of(std::string_view body, std::size_t offset) noexcept {
  std::string_view const before = body.substr(0, offset);
  auto const lines = std::count(before.begin(), before.end(), '\n');
  std::size_t const last = before.rfind('\n');
  std::size_t const line_begin = last == std::string_view::npos ? 0 : last + 1;
  return {static_cast<std::size_t>(lines) + 1, before.size() - line_begin + 1};
}

body_fault fault_at(std::string_view body, std::size_t offset, std::string what,
                    body_fault::kind kind) {
  body_place const place = place_of(body, offset);
  return {kind, place.line, place.column, std::move(what)};
}

std::string shown(std::string_view body, std::size_t offset) {
  if (offset >= body.size()) return "the end of the body";
  if (body[offset] == '\n') return "the end of the line";
  // Up to the end of the word, so that the text can be found again.
  std::size_t const end = body.find_first_of(" \t\n,{}=", offset + 1);
  return quoted(body.substr(offset, end == std::string_view::npos ? end : end - offset));
}

std::string quoted(std::string_view text) {
  constexpr std::size_t bytes_max = 80;
  bool const cut = text.size() > bytes_max;
  if (cut) {
    text = text.substr(0, bytes_max);
    // Not in the middle of a character.
    while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xC0) == 0x80)
      text.remove_suffix(1);
    if (!text.empty() && static_cast<unsigned char>(text.back()) >= 0xC0) text.remove_suffix(1);
  }
  std::string valid;
  core::append_valid_utf8(valid, text);
  std::string out = "'";
  for (char const c : valid) append_shown(out, c);
  out += cut ? "…'" : "'";
  return out;
}

std::optional<body_fault> wrong_bytes(std::string_view body) {
  if (std::size_t const at = first_wrong_byte(body); at != std::string_view::npos) {
    bool const nul = body[at] == '\0';
    std::string seen(nul ? "a NUL" : "a byte \\x");
    if (!nul) {
      auto const byte = static_cast<unsigned char>(body[at]);
      seen += hex_digits[byte >> 4];
      seen += hex_digits[byte & 15];
      seen += " that belongs to no character";
    }
    return fault_at(body, at, "expected UTF-8 without NUL, saw " + seen + "; encode it as UTF-8");
  }
  if (std::size_t const at = body.find("\r\n"); at != std::string_view::npos)
    return fault_at(body, at,
                    "expected lines that end in \\n alone, saw \\r\\n; leave the \\r out "
                    "(curl: --data-binary)");
  return std::nullopt;
}

bool may_be_exposed(std::string_view text) {
  return first_wrong_byte(text) == std::string_view::npos;
}

}  // namespace stele::pushing
