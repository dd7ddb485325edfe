#include "serve/negotiate.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace stele::serving {

namespace {

constexpr std::string_view openmetrics_0_0_1 =
    "application/openmetrics-text; version=0.0.1; charset=utf-8";

constexpr char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same_token(std::string_view a, std::string_view b) noexcept {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

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

std::string_view unquoted(std::string_view value) noexcept {
  if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
    return value.substr(1, value.size() - 2);
  return value;
}

/// One element of an Accept header.
struct range {
  std::string_view media;
  std::string_view version;
  int q = 1000;  // thousandths
  bool valid = true;
};

/// RFC 9110, 12.4.2: 0 to 1 with up to three decimals. Nothing where it is not that.
std::optional<int> parse_q(std::string_view text) noexcept {
  double value = 0;
  auto const [end, failure] =
      std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (!(value >= 0 && value <= 1)) return std::nullopt;
  return static_cast<int>(value * 1000 + 0.5);
}

range parse_range(std::string_view element) noexcept {
  range result;
  result.media = take_until(element, ';');
  while (!element.empty()) {
    std::string_view parameter = take_until(element, ';');
    std::string_view const name = take_until(parameter, '=');
    std::string_view const value = unquoted(trimmed(parameter));
    if (same_token(name, "version")) {
      result.version = value;
    } else if (same_token(name, "q")) {
      auto const q = parse_q(value);
      result.valid = result.valid && q.has_value();
      result.q = q.value_or(0);
    }
  }
  return result;
}

struct match {
  negotiated answer;
  bool named;
};

std::optional<match> match_range(range const& asked) noexcept {
  negotiated const text{format::text, content_type(format::text)};
  negotiated const openmetrics{format::openmetrics, content_type(format::openmetrics)};
  if (same_token(asked.media, "application/openmetrics-text")) {
    if (asked.version.empty() || asked.version == "1.0.0") return match{openmetrics, true};
    if (asked.version == "0.0.1") return match{{format::openmetrics, openmetrics_0_0_1}, true};
    return std::nullopt;
  }
  if (same_token(asked.media, "text/plain")) {
    if (asked.version.empty() || asked.version == "0.0.4") return match{text, true};
    return std::nullopt;
  }
  if (asked.media == "*/*" || same_token(asked.media, "text/*")) return match{text, false};
  if (same_token(asked.media, "application/*")) return match{openmetrics, false};
  return std::nullopt;
}

}  // namespace

namespace {

/// Whether a type is named with q=0, so that no wildcard may bring it back.
bool is_excluded(std::string_view accept, format which) noexcept {
  while (!accept.empty()) {
    range const asked = parse_range(take_until(accept, ','));
    if (!asked.valid || asked.q != 0) continue;
    auto const found = match_range(asked);
    if (found && found->named && found->answer.which == which) return true;
  }
  return false;
}

}  // namespace

negotiated negotiate(std::string_view const whole) noexcept {
  std::string_view accept = whole;
  std::optional<match> best;
  int best_q = 0;
  while (!accept.empty()) {
    range const asked = parse_range(take_until(accept, ','));
    if (!asked.valid || asked.q == 0) continue;
    auto const found = match_range(asked);
    if (!found || (!found->named && is_excluded(whole, found->answer.which))) continue;
    bool const better = asked.q > best_q || (asked.q == best_q && found->named && !best->named);
    if (best && !better) continue;
    best = found;
    best_q = asked.q;
  }
  return best ? best->answer : negotiated{format::text, content_type(format::text)};
}

}  // namespace stele::serving
