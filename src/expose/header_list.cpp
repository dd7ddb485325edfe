#include "expose/header_list.hpp"

#include <algorithm>
#include <cstddef>

namespace stele::exposition {

namespace {

constexpr char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

std::string_view trimmed(std::string_view text) noexcept {
  constexpr std::string_view space = " \t";
  text.remove_prefix(std::min(text.find_first_not_of(space), text.size()));
  return text.substr(0, text.find_last_not_of(space) + 1);
}

/// Takes what stands before the next separator that is not inside a quoted string.
std::string_view take_until(std::string_view& rest, char separator) noexcept {
  bool quoted = false;
  std::size_t i = 0;
  for (; i < rest.size(); ++i) {
    if (quoted && rest[i] == '\\')
      ++i;
    else if (rest[i] == '"')
      quoted = !quoted;
    else if (rest[i] == separator && !quoted)
      break;
  }
  std::string_view const taken = rest.substr(0, i);
  rest.remove_prefix(std::min(i + 1, rest.size()));
  return trimmed(taken);
}

bool is_quoted(std::string_view value) noexcept {
  return value.size() >= 2 && value.front() == '"' && value.back() == '"';
}

}  // namespace

bool same_token(std::string_view a, std::string_view b) noexcept {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view take_element(std::string_view& list) noexcept { return take_until(list, ','); }

std::string_view take_value(std::string_view& element) noexcept { return take_until(element, ';'); }

bool parameter::is(std::string_view text) const noexcept {
  if (!is_quoted(value)) return value == text;
  std::string_view const inside = value.substr(1, value.size() - 2);
  std::size_t at = 0;
  for (std::size_t i = 0; i < inside.size(); ++i) {
    if (inside[i] == '\\' && ++i == inside.size()) return false;
    if (at == text.size() || text[at++] != inside[i]) return false;
  }
  return at == text.size();
}

parameter take_parameter(std::string_view& element) noexcept {
  std::string_view part = take_until(element, ';');
  std::string_view const name = take_until(part, '=');
  return {name, trimmed(part)};
}

std::optional<int> parse_weight(std::string_view text) noexcept {
  int thousandths = 0;
  if (!text.empty() && (text[0] == '0' || text[0] == '1')) {
    thousandths = text[0] == '1' ? 1000 : 0;
    text.remove_prefix(1);
    if (text.empty()) return thousandths;
  } else if (text.size() < 2) {
    return std::nullopt;
  }
  if (text[0] != '.') return std::nullopt;
  bool is_more = false;
  int place = 100;
  for (char const c : text.substr(1)) {
    if (!is_digit(c)) return std::nullopt;
    thousandths += place * (c - '0');
    is_more = is_more || (place == 0 && c != '0');
    place /= 10;
  }
  if (thousandths > 1000 || (thousandths == 1000 && is_more)) return std::nullopt;
  return thousandths == 0 && is_more ? 1 : thousandths;
}

}  // namespace stele::exposition
