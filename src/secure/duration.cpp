#include "secure/duration.hpp"

#include <cmath>
#include <cstdint>

namespace stele::securing {

namespace {

struct unit {
  std::string_view name;
  double nanoseconds;
};

// A name stands before those that it begins with another of.
constexpr unit units[]{{"ns", 1},   {"us", 1e3}, {"\u00b5s", 1e3}, {"\u03bcs", 1e3},
                       {"ms", 1e6}, {"s", 1e9},  {"m", 60e9},      {"h", 3600e9}};

/// Takes `12`, `1.5`, `.5` or `1.` off. By hand: from_chars would take `1e3` and `inf` too.
std::optional<double> take_number(std::string_view& text) noexcept {
  double value = 0;
  double place = 1;
  bool has_digit = false;
  bool in_fraction = false;
  while (!text.empty()) {
    char const c = text.front();
    if (c >= '0' && c <= '9') {
      has_digit = true;
      if (in_fraction) place /= 10;
      value = in_fraction ? value + (c - '0') * place : value * 10 + (c - '0');
    } else if (c == '.' && !in_fraction) {
      in_fraction = true;
    } else {
      break;
    }
    text.remove_prefix(1);
  }
  if (!has_digit) return std::nullopt;
  return value;
}

}  // namespace

std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text) noexcept {
  if (text == "0") return std::chrono::nanoseconds(0);
  if (text.empty()) return std::nullopt;
  double total = 0;
  while (!text.empty()) {
    auto const number = take_number(text);
    if (!number) return std::nullopt;
    unit const* found = nullptr;
    for (unit const& each : units)
      if (found == nullptr && text.starts_with(each.name)) found = &each;
    if (found == nullptr) return std::nullopt;
    text.remove_prefix(found->name.size());
    total += *number * found->nanoseconds;
  }
  if (!(total < 9.1e18)) return std::nullopt;
  return std::chrono::nanoseconds(static_cast<std::int64_t>(std::llround(total)));
}

}  // namespace stele::securing
