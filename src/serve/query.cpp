#include "serve/query.hpp"

#include <algorithm>

namespace stele::serving {

namespace {

constexpr int digit_of(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// Whether each `%` stands before two hexadecimal digits.
bool is_encoded(std::string_view text) noexcept {
  for (std::size_t i = text.find('%'); i != text.npos; i = text.find('%', i + 1))
    if (text.size() - i < 3 || digit_of(text[i + 1]) < 0 || digit_of(text[i + 2]) < 0) return false;
  return true;
}

/// Takes a decoded character. REQUIRES: `text` is encoded, and not empty.
char take_decoded(std::string_view& text) noexcept {
  char decoded = text[0] == '+' ? ' ' : text[0];
  if (text[0] == '%') {
    decoded = static_cast<char>(digit_of(text[1]) * 16 + digit_of(text[2]));
    text.remove_prefix(2);
  }
  text.remove_prefix(1);
  return decoded;
}

/// Takes `plain` off the front of an encoded text, where it stands there.
bool take_prefix(std::string_view& text, std::string_view plain) noexcept {
  for (char const c : plain)
    if (text.empty() || take_decoded(text) != c) return false;
  return true;
}

/// Takes what stands before the first separator, and that too.
std::string_view take_until(std::string_view& rest, char separator) noexcept {
  std::string_view const taken = rest.substr(0, rest.find(separator));
  rest.remove_prefix(std::min(taken.size() + 1, rest.size()));
  return taken;
}

}  // namespace

std::string_view name_query::parse(std::string_view query) noexcept {
  size_ = 0;
  while (!query.empty()) {
    std::string_view value = take_until(query, '&');
    std::string_view key = take_until(value, '=');
    if (!is_encoded(key))
      return "expected two hexadecimal digits behind each % of the query; write % as %25\n";
    if (!take_prefix(key, "name[]") || !key.empty() || value.empty()) continue;
    if (!is_encoded(value))
      return "expected two hexadecimal digits behind each % of name[]; write % as %25\n";
    if (value.size() > name_bytes_max) return "expected at most 512 bytes in a name[]\n";
    if (size_ == names_max)
      return "expected at most 64 name[] parameters; ask for the others in a second request, or "
             "for all without name[]\n";
    names_[size_++] = value;
  }
  return {};
}

bool name_query::has(std::string_view stem, std::string_view suffix) const noexcept {
  return std::any_of(names_.begin(), names_.begin() + size_, [&](std::string_view name) {
    return take_prefix(name, stem) && take_prefix(name, suffix) && name.empty();
  });
}

bool is_listed(std::string_view query, std::string_view key, std::string_view item) noexcept {
  while (!query.empty()) {
    std::string_view list = take_until(query, '&');
    if (take_until(list, '=') != key) continue;
    while (!list.empty())
      if (take_until(list, ',') == item) return true;
  }
  return false;
}

}  // namespace stele::serving
