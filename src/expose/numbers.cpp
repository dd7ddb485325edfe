#include "expose/numbers.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>

namespace stele::exposition {

namespace {

char* write_text(char* out, std::string_view text) noexcept {
  return std::copy(text.begin(), text.end(), out);
}

/// Below it no value needs an exponent, in Go's form.
constexpr double plain_end = 1e6;

/// The shortest form of a value that has at most three decimals, as most have that people choose;
/// null for any other. Such a decimal has few enough digits that no shorter one, and no other of
/// its length, is as near to the value.
char* write_short(char* out, double value) noexcept {
  if (!(std::fabs(value) < plain_end)) return nullptr;
  auto const thousandths = static_cast<std::int64_t>(std::lrint(value * 1000));
  if (static_cast<double>(thousandths) / 1000 != value) return nullptr;
  auto const [whole, rest] =
      std::div(thousandths < 0 ? -thousandths : thousandths, std::int64_t{1000});
  if (thousandths < 0) *out++ = '-';
  out = write_unsigned(out, static_cast<std::uint64_t>(whole));
  if (rest == 0) return out;  // also of -0
  *out++ = '.';
  for (std::int64_t left = rest, digit = 100; left != 0; left %= digit, digit /= 10)
    *out++ = static_cast<char>('0' + left / digit);
  return out;
}

}  // namespace

char* write_unsigned(char* out, std::uint64_t value) noexcept {
  return std::to_chars(out, out + number_chars_max, value).ptr;
}

char* write_signed(char* out, std::int64_t value) noexcept {
  return std::to_chars(out, out + number_chars_max, value).ptr;
}

char* write_double(char* out, double value) noexcept {
  if (char* const end = write_short(out, value)) return end;
  if (std::isnan(value)) return write_text(out, "NaN");
  if (std::isinf(value)) return write_text(out, value > 0 ? "+Inf" : "-Inf");
  return std::to_chars(out, out + number_chars_max, value, std::chars_format::general).ptr;
}

char* write_canonical(char* out, double value) noexcept {
  char* const end = write_double(out, value);
  if (!std::isfinite(value)) return end;
  bool const plain = std::none_of(out, end, [](char c) { return c == '.' || c == 'e'; });
  return plain ? write_text(end, ".0") : end;
}

}  // namespace stele::exposition
