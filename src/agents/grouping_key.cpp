#include "agents/grouping_key.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <system_error>

#include "agents/body_text.hpp"
#include "stele/naming.hpp"

namespace stele::pushing {

namespace {

constexpr std::string_view base64_suffix = "@base64";
constexpr std::string_view path_form = "/metrics/job/<JOB>{/<LABEL>/<VALUE>}";

error refused(std::string message, std::errc as = std::errc::invalid_argument) {
  return {std::make_error_code(as), std::move(message)};
}

int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// Nothing where a `%` is not followed by two hexadecimal digits. A `+` is one.
std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (text.size() - i < 3) return std::nullopt;
    int const high = hex_digit(text[i + 1]);
    int const low = hex_digit(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

constexpr std::array<std::int8_t, 256> base64_digits = [] {
  std::array<std::int8_t, 256> digits{};
  digits.fill(-1);
  constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  for (std::size_t i = 0; i < alphabet.size(); ++i)
    digits[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
  return digits;
}();

/// RFC 4648, 5: the URL-safe alphabet. Padding may be there or not, as in the Pushgateway, which
/// takes any of it away first; a single `=` is the empty text.
std::optional<std::string> base64_decoded(std::string_view text) {
  while (text.ends_with('=')) text.remove_suffix(1);
  if (text.size() % 4 == 1) return std::nullopt;
  std::string out;
  std::uint32_t bits = 0;
  int count = 0;
  for (char const c : text) {
    int const digit = base64_digits[static_cast<unsigned char>(c)];
    if (digit < 0) return std::nullopt;
    bits = bits << 6 | static_cast<std::uint32_t>(digit);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out += static_cast<char>(bits >> count & 0xFF);
  }
  return out;
}

/// Between slashes. They are told apart before they are decoded, so that %2F is a slash in a value;
/// the Pushgateway decodes first, and cannot have one.
std::vector<std::string_view> components_of(std::string_view path) {
  std::vector<std::string_view> all;
  for (;;) {
    std::size_t const slash = path.find('/');
    all.push_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return all;
    path.remove_prefix(slash + 1);
  }
}

void append_label(std::string& out, std::string_view name, std::string_view value) {
  if (!out.empty()) out += ',';
  out.append(name).append("=\"");
  for (char const c : value) {
    if (c == '\\' || c == '"' || c == '\n') out += '\\';
    out += c == '\n' ? 'n' : c;
  }
  out += '"';
}

bool is_exposed(std::string_view name) noexcept {
  return name != "job" && name != "instance" && name != "user_id" && name != "workspace_id";
}

std::optional<error> over_a_limit(std::string_view name, std::string_view value,
                                  push_limits const& limits) {
  auto const over = [](std::string_view what, std::size_t most, std::size_t saw) {
    return refused("expected " + std::string(what) + " of at most " + std::to_string(most) +
                       " bytes in the path, saw " + std::to_string(saw) + "; shorten it",
                   std::errc::value_too_large);
  };
  if (name.size() > limits.label_name_bytes_max)
    return over("label names", limits.label_name_bytes_max, name.size());
  if (value.size() > limits.label_value_bytes_max)
    return over("label values", limits.label_value_bytes_max, value.size());
  return std::nullopt;
}

/// Reads one label; an error, or nothing.
std::optional<error> read_label(std::string_view name_part, std::string_view value_part,
                                push_limits const& limits, grouping_key& key) {
  auto name = percent_decoded(name_part);
  if (!name)
    return refused("expected two hexadecimal digits behind each % in a path, saw " +
                   quoted(name_part) + "; write a % as %25");
  bool const encoded = name->ends_with(base64_suffix);
  if (encoded) name->resize(name->size() - base64_suffix.size());
  if (!naming::valid_identifier(*name) || name->starts_with("__"))
    return refused(
        "expected a label name like [a-zA-Z_][a-zA-Z0-9_]* that does not begin with __ "
        "in the path, saw " +
        quoted(*name));
  if (*name == "le" || *name == "quantile")
    return refused("expected labels other than le and quantile in the path, saw " + quoted(*name) +
                   ", which histograms or summaries write; rename it");
  auto value = percent_decoded(value_part);
  if (!value)
    return refused("expected two hexadecimal digits behind each % in a path, saw " +
                   quoted(value_part) + "; write a % as %25");
  if (encoded) {
    auto decoded = base64_decoded(*value);
    if (!decoded)
      return refused("expected base64 of the URL-safe alphabet (RFC 4648, 5) behind " + *name +
                     "@base64, saw " + quoted(*value));
    value = std::move(decoded);
  }
  if (!may_be_exposed(*value))
    return refused("expected UTF-8 without NUL as the value of " + *name + " in the path, saw " +
                   quoted(*value));
  if (auto over = over_a_limit(*name, *value, limits)) return over;
  if (*name == "job" && value->empty())
    return refused("expected a job in the path, " + std::string(path_form) + ", saw an empty one");
  key.labels.emplace_back(std::move(*name), std::move(*value));
  return std::nullopt;
}

}  // namespace

std::string_view grouping_key::value(std::string_view name) const noexcept {
  for (auto const& label : labels)
    if (label.first == name) return label.second;
  return {};
}

unsigned status_of_key(error const& why) noexcept {
  if (why.code == std::errc::value_too_large) return 413;
  return why.code == std::errc::argument_list_too_long ? 429 : 400;
}

bool is_push_path(std::string_view path) noexcept {
  if (!path.starts_with(push_path)) return false;
  path.remove_prefix(push_path.size());
  return path.empty() || path.starts_with('/') || path.starts_with(base64_suffix);
}

result<grouping_key> read_grouping_key(std::string_view path, push_limits const& limits) {
  if (!is_push_path(path))
    return refused("expected a path of the form " + std::string(path_form) + ", saw " +
                   quoted(path));
  std::vector<std::string_view> components =
      components_of(path.substr(push_path.size() - std::string_view("job").size()));
  // As in the Pushgateway, a slash behind the job alone says nothing.
  if (components.size() == 3 && components.back().empty()) components.pop_back();
  if (components.size() % 2 != 0)
    return refused("expected a value behind each label of the path, " + std::string(path_form) +
                   ", saw none behind " + quoted(components.back()) +
                   "; an empty value is written LABEL@base64/=");
  grouping_key key;
  for (std::size_t i = 0; i < components.size(); i += 2)
    if (auto failure = read_label(components[i], components[i + 1], limits, key))
      return std::move(*failure);
  auto const exposed = std::count_if(key.labels.begin(), key.labels.end(),
                                     [](auto const& label) { return is_exposed(label.first); });
  if (static_cast<std::size_t>(exposed) > limits.labels_per_series_max)
    return refused("expected at most " + std::to_string(limits.labels_per_series_max) +
                       " labels beside job, instance and identity in the path, saw " +
                       std::to_string(exposed) + "; push fewer",
                   std::errc::argument_list_too_long);
  std::sort(key.labels.begin(), key.labels.end());
  for (std::size_t i = 1; i < key.labels.size(); ++i)
    if (key.labels[i].first == key.labels[i - 1].first)
      return refused("expected each label once in the path, saw " + key.labels[i].first + " again");
  for (auto const& [name, value] : key.labels) {
    append_label(key.text, name, value);
    if (is_exposed(name) && !value.empty()) append_label(key.rendered, name, value);
  }
  return key;
}

}  // namespace stele::pushing
