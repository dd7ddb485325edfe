#include "serve/header_scan.hpp"

#include <algorithm>

namespace stele::serving {

namespace {

/// Whether it may stand in any line, but for its first byte.
bool is_ordinary(char c) noexcept { return c >= ' ' && c < 0x7f; }

}  // namespace

/// Most bytes are ordinary ones in the middle of a line, which go by at once.
header_scan::state header_scan::look(std::string_view bytes) noexcept {
  while (at_ < bytes.size()) {
    if (at_ != line_begin_ && !after_cr_) {
      auto const* const from = bytes.data() + at_;
      auto const* const end = bytes.data() + bytes.size();
      at_ += static_cast<std::size_t>(std::find_if_not(from, end, is_ordinary) - from);
      if (at_ == bytes.size()) break;
    }
    if (state const now = step(bytes); now != more) return now;
  }
  return more;
}

header_scan::state header_scan::step(std::string_view bytes) noexcept {
  char const c = bytes[at_];
  if (after_cr_) {
    if (c != '\n') return bad_line;
    after_cr_ = false;
    std::string_view const line = bytes.substr(line_begin_, at_ - 1 - line_begin_);
    line_begin_ = ++at_;
    return end_line(line);
  }
  auto const code = static_cast<unsigned char>(c);
  bool const first = at_ == line_begin_;
  if (c == '\r') {
    after_cr_ = true;
  } else if (lines_ == 0) {
    if (code <= ' ' && (c != ' ' || first)) return c == '\n' ? bad_line : not_http;
    if (code >= 0x7f) return not_http;
  } else if (((code < ' ' || code == 0x7f) && c != '\t') || (first && (c == ' ' || c == '\t'))) {
    return bad_line;
  }
  ++at_;
  return more;
}

header_scan::state header_scan::end_line(std::string_view line) noexcept {
  if (lines_ == 0) {
    if (line.empty() && begin_ == 0) {
      begin_ = at_;
      return more;
    }
    std::size_t const version = line.rfind(' ') + 1;  // 0 where there is none
    if (version == 0 || !line.substr(version).starts_with("HTTP/")) return not_http;
    if (line.substr(version) != "HTTP/1.1" && line.substr(version) != "HTTP/1.0")
      return other_version;
  } else if (line.empty()) {
    return ended;
  }
  return ++lines_ > fields_max + 1 ? too_many : more;
}

}  // namespace stele::serving
