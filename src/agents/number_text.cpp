#include "agents/number_text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

namespace stele::pushing {

namespace {

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

/// `word` is in lower case.
bool is_word(std::string_view text, std::string_view word) noexcept {
  return std::equal(text.begin(), text.end(), word.begin(), word.end(),
                    [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; });
}

/// Whether a number that no double holds is too small, not too large. REQUIRES: it is a decimal
/// number without a sign, and not 0.
bool is_tiny(std::string_view text) noexcept {
  std::size_t const exponent_at = std::min(text.find_first_of("eE"), text.size());
  std::string_view const mantissa = text.substr(0, exponent_at);
  std::size_t const point = std::min(mantissa.find('.'), mantissa.size());
  auto const first = static_cast<std::int64_t>(mantissa.find_first_of("123456789"));
  // The power of ten of the first digit that is not 0.
  std::int64_t power = static_cast<std::int64_t>(point) - first;
  std::string_view exponent = text.substr(std::min(exponent_at + 1, text.size()));
  bool const negative = exponent.starts_with('-');
  if (negative || exponent.starts_with('+')) exponent.remove_prefix(1);
  // Far beyond any body's size.
  constexpr std::int64_t exponent_max = std::int64_t{1} << 60;
  std::int64_t size = 0;
  for (char const c : exponent) size = std::min(size * 10 + (c - '0'), exponent_max / 16);
  power += negative ? -size : size;
  return power < 0;
}

}  // namespace

bool number_of(std::string_view text, double& value) noexcept {
  if (text.empty()) return false;
  bool const negative = text[0] == '-';
  bool const is_signed = negative || text[0] == '+';
  if (is_signed) text.remove_prefix(1);
  if (text.empty()) return false;
  if (!is_digit(text[0]) && text[0] != '.') {
    if (is_word(text, "inf") || is_word(text, "infinity"))
      value = std::numeric_limits<double>::infinity();
    else if (!is_signed && is_word(text, "nan"))
      value = std::numeric_limits<double>::quiet_NaN();
    else
      return false;
    if (negative) value = -value;
    return true;
  }
  auto const [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size() || status == std::errc::invalid_argument) return false;
  if (status == std::errc::result_out_of_range) {
    if (!is_tiny(text)) return false;
    value = 0;
  }
  if (negative) value = -value;
  return true;
}

bool detail::read_any_number(char const*& at, char const* end, double& value) noexcept {
  char const* const last = std::find_if(at, end, ends_number);
  if (!number_of({at, static_cast<std::size_t>(last - at)}, value)) return false;
  at = last;
  return true;
}

std::optional<std::uint64_t> count_of(double value) noexcept {
  if (!(value >= 0 && value < 0x1p64) || std::trunc(value) != value) return std::nullopt;
  return static_cast<std::uint64_t>(value);
}

std::optional<std::int64_t> milliseconds_of(double seconds) noexcept {
  // The year 9999, as Protobuf's timestamps end there; and 0 is not known.
  if (!(seconds > 0 && seconds < 253'402'300'800.0)) return std::nullopt;
  return std::max(std::int64_t{1}, static_cast<std::int64_t>(std::llround(seconds * 1000)));
}

}  // namespace stele::pushing
