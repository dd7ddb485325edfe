#include "table/text.hpp"

#include <fmt/format.h>

#include "stele/closest_name.hpp"

namespace stele::tables {

std::string lowered(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = lower(c);
  return result;
}

std::string single_spaced(std::string_view text) {
  std::string result;
  for (char const c : trimmed(text)) {
    if (!space(c))
      result += c;
    else if (result.back() != ' ')
      result += ' ';
  }
  return result;
}

std::string in_quotes(std::string_view text) {
  constexpr std::size_t size_max = 80;
  std::string result = "'";
  for (std::size_t i = 0; i < text.size();) {
    if (result.size() > size_max) {
      result += "…";
      break;
    }
    auto const byte = static_cast<unsigned char>(text[i]);
    std::size_t const size = utf8_sequence_size(text.substr(i));
    if (text[i] == '\n') {
      result += "\\n";
    } else if (text[i] == '\t') {
      result += "\\t";
    } else if (size == 0 || byte < 0x20 || byte == 0x7f) {
      result += fmt::format("\\x{:02x}", byte);
    } else {
      result.append(text.substr(i, size));
    }
    i += size == 0 ? 1 : size;
  }
  return result + "'";
}

std::size_t utf8_sequence_size(std::string_view text) noexcept {
  if (text.empty()) return 0;
  auto const byte = [&](std::size_t i) -> unsigned {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0;
  };
  auto const follows = [&](std::size_t i) { return (byte(i) & 0xC0) == 0x80; };
  unsigned const first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return follows(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    bool const overlong = first == 0xE0 && byte(1) < 0xA0;
    bool const surrogate = first == 0xED && byte(1) > 0x9F;
    return follows(1) && follows(2) && !overlong && !surrogate ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    bool const overlong = first == 0xF0 && byte(1) < 0x90;
    bool const too_large = first == 0xF4 && byte(1) > 0x8F;
    return follows(1) && follows(2) && follows(3) && !overlong && !too_large ? 4 : 0;
  }
  return 0;
}

bool nearly(std::string_view text, std::string_view word) noexcept {
  if (text.size() + 2 < word.size() || text.size() > word.size() + 2) return false;
  return naming::edit_distance(text, word) <= 2;
}

}  // namespace stele::tables
