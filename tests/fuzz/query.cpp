// Queries, beside a slow reader that decodes everything first.

#include "serve/query.hpp"

#include <cctype>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz.hpp"

using namespace stele::fuzz;
using stele::serving::name_query;

namespace {

std::optional<std::string> decoded(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      result += text[i] == '+' ? ' ' : text[i];
      continue;
    }
    std::string const digits(text.substr(i + 1, 2));
    if (digits.size() != 2 || std::isxdigit(static_cast<unsigned char>(digits[0])) == 0 ||
        std::isxdigit(static_cast<unsigned char>(digits[1])) == 0)
      return std::nullopt;
    result += static_cast<char>(std::stoi(digits, nullptr, 16));
    i += 2;
  }
  return result;
}

/// The names that are asked for; nothing where the query is to be refused.
std::optional<std::vector<std::string>> names_of(std::string_view query) {
  std::vector<std::string> names;
  while (!query.empty()) {
    std::string_view value = take(query, '&');
    auto const key = decoded(take(value, '='));
    if (!key) return std::nullopt;
    if (*key != "name[]" || value.empty()) continue;
    auto name = decoded(value);
    if (!name || value.size() > name_query::name_bytes_max || names.size() == name_query::names_max)
      return std::nullopt;
    names.push_back(*name);
  }
  return names;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  std::string_view const text = text_of(data, size);
  name_query asked;
  std::string_view const wrong = asked.parse(text);
  auto const names = names_of(text);
  always(wrong.empty() == names.has_value(), "a query is refused where the slow reader refuses it");
  if (!names) {
    always(wrong.ends_with('\n'), "a refusal is a line of text");
    return 0;
  }
  always(asked.empty() == names->empty(), "there are names where the slow reader sees some");
  auto const is_asked = [&](std::string const& name) {
    return std::find(names->begin(), names->end(), name) != names->end();
  };
  for (std::string const& name : *names) {
    for (std::size_t cut = 0; cut <= name.size(); cut = cut * 2 + 1)
      always(asked.has(std::string_view(name).substr(0, cut), std::string_view(name).substr(cut)),
             "a name is asked for, wherever it is cut");
    for (std::string const& other : {name + "x", name.substr(0, name.size() - 1), "x" + name})
      always(asked.has(other) == is_asked(other), "a name beside it is not");
  }
  return 0;
}
