#include "serve/scrape_timeout.hpp"

#include <algorithm>
#include <cstdint>

namespace stele::serving {

namespace {

/// Takes the digits at the front.
std::string_view take_digits(std::string_view& text) noexcept {
  std::size_t const end = std::min(text.find_first_not_of("0123456789"), text.size());
  std::string_view const digits = text.substr(0, end);
  text.remove_prefix(end);
  return digits;
}

}  // namespace

std::optional<std::chrono::nanoseconds> parse_scrape_timeout(std::string_view seconds) noexcept {
  constexpr std::int64_t second = 1'000'000'000;
  constexpr std::int64_t whole_max = scrape_timeout_max.count() / second;

  std::string_view const whole = take_digits(seconds);
  if (whole.empty()) return std::nullopt;
  std::int64_t value = 0;
  for (char const digit : whole) value = std::min(value * 10 + (digit - '0'), whole_max);
  value *= second;

  if (!seconds.empty()) {
    if (seconds.front() != '.') return std::nullopt;
    seconds.remove_prefix(1);
    std::string_view const decimals = take_digits(seconds);
    if (decimals.empty() || !seconds.empty()) return std::nullopt;
    std::int64_t place = second / 10;
    for (char const digit : decimals) {
      value += place * (digit - '0');
      place /= 10;
    }
  }
  if (value == 0) return std::nullopt;
  return std::min(std::chrono::nanoseconds(value), scrape_timeout_max);
}

}  // namespace stele::serving
