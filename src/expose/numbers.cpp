#include "expose/numbers.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace stele::exposition {

namespace {

char* write_text(char* out, std::string_view text) noexcept {
  return std::copy(text.begin(), text.end(), out);
}

}  // namespace

char* write_unsigned(char* out, std::uint64_t value) noexcept {
  return std::to_chars(out, out + number_chars_max, value).ptr;
}

char* write_signed(char* out, std::int64_t value) noexcept {
  return std::to_chars(out, out + number_chars_max, value).ptr;
}

char* write_double(char* out, double value) noexcept {
  if (std::isnan(value)) return write_text(out, "NaN");
  if (std::isinf(value)) return write_text(out, value > 0 ? "+Inf" : "-Inf");
  if (value == 0) return write_text(out, "0");  // also of -0
  return std::to_chars(out, out + number_chars_max, value, std::chars_format::general).ptr;
}

char* write_canonical(char* out, double value) noexcept {
  char* const end = write_double(out, value);
  if (!std::isfinite(value)) return end;
  bool const plain = std::none_of(out, end, [](char c) { return c == '.' || c == 'e'; });
  return plain ? write_text(end, ".0") : end;
}

}  // namespace stele::exposition
