#include "serve/response_head.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace stele::serving {

namespace {

std::string_view take_line(std::string_view& fields) {
  std::string_view const line = fields.substr(0, fields.find('\n'));
  fields.remove_prefix(std::min(line.size() + 1, fields.size()));
  return line;
}

/// Whether one of `fields` has the name of `line`.
bool has_field(std::string_view fields, std::string_view line) {
  std::string_view const name = line.substr(0, line.find(':') + 1);
  while (!fields.empty())
    if (take_line(fields).starts_with(name)) return true;
  return false;
}

void append_number(std::string& to, std::size_t number, int base) {
  std::array<char, 24> digits;
  auto const end = std::to_chars(digits.data(), digits.data() + digits.size(), number, base).ptr;
  to.append(digits.data(), end);
}

}  // namespace

void response_head::begin(unsigned version, http::status status) {
  text_ = version >= 11 ? "HTTP/1.1 " : "HTTP/1.0 ";
  append_number(text_, static_cast<unsigned>(status), 10);
  text_ += ' ';
  text_ += to_std(http::obsolete_reason(status));
  text_ += "\r\n";
}

void response_head::field(std::string_view name, std::string_view value) {
  ((text_ += name) += ": ") += value;
  text_ += "\r\n";
}

void response_head::field(std::string_view name, std::size_t value) {
  (text_ += name) += ": ";
  append_number(text_, value, 10);
  text_ += "\r\n";
}

void response_head::lines_but(std::string_view fields, std::string_view own) {
  while (!fields.empty()) {
    std::string_view const line = take_line(fields);
    if (!has_field(own, line)) (text_ += line) += '\n';
  }
}

void response_head::chunk_size(std::size_t bytes) {
  append_number(text_, bytes, 16);
  text_ += "\r\n";
}

}  // namespace stele::serving
