// label_pairs.hpp: rendered labels, `code="200",path="/"`, taken apart again.
//
//   label_pairs rest(series_labels);
//   for (label_pair each; rest.next(each);) show(each.name, each.value);
//
// Threads: pure functions.

#pragma once

#include <cstddef>
#include <cstring>
#include <string_view>

namespace stele::exposition {

struct label_pair {
  std::string_view name;
  std::string_view value;  // as it is rendered: unescape() gives what it says
  bool escaped;            // whether it has a backslash
};

class label_pairs {
 public:
  /// REQUIRES: labels as core::render_labels() makes them; they outlive this.
  explicit label_pairs(std::string_view rendered) noexcept
      : rest_(rendered), escaped_(has_backslash(rendered)) {}

  /// The next pair; false where there is none.
  bool next(label_pair& pair) noexcept {
    if (rest_.empty()) return false;
    std::size_t const name = rest_.find('=');
    std::size_t const begin = name + 2;  // ="
    std::size_t end = rest_.find('"', begin);
    pair.escaped = escaped_ && has_backslash(rest_.substr(begin, end - begin));
    if (pair.escaped) end = closing_quote(begin);
    pair.name = rest_.substr(0, name);
    pair.value = rest_.substr(begin, end - begin);
    rest_.remove_prefix(end + 1 < rest_.size() ? end + 2 : end + 1);  // ",
    return true;
  }

  static bool has_backslash(std::string_view text) noexcept {
    return !text.empty() && std::memchr(text.data(), '\\', text.size()) != nullptr;
  }

 private:
  [[nodiscard]] std::size_t closing_quote(std::size_t at) const noexcept {
    while (rest_[at] != '"') at += rest_[at] == '\\' ? 2 : 1;
    return at;
  }

  std::string_view rest_;
  bool escaped_;
};

/// How many bytes a value has that is rendered so.
inline std::size_t unescaped_size(std::string_view value) noexcept {
  std::size_t size = value.size();
  for (std::size_t at = 0; at < value.size(); ++at) {
    if (value[at] != '\\') continue;
    --size;
    ++at;
  }
  return size;
}

/// Writes what a rendered value says, unescaped_size() bytes, and returns the end.
inline char* unescape(char* to, std::string_view value) noexcept {
  for (std::size_t at = 0; at < value.size(); ++at) {
    char c = value[at];
    if (c == '\\') {
      c = value[++at];
      if (c == 'n') c = '\n';
    }
    *to++ = c;
  }
  return to;
}

}  // namespace stele::exposition
