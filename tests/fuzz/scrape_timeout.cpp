// X-Prometheus-Scrape-Timeout-Seconds, beside what the C library reads.

#include "serve/scrape_timeout.hpp"

#include <chrono>
#include <cmath>
#include <cstdlib>
#include <string>
#include <string_view>

#include "fuzz.hpp"

using namespace stele::fuzz;
using stele::serving::parse_scrape_timeout;
using stele::serving::scrape_timeout_max;

namespace {

/// Digits, and perhaps a point and digits.
bool is_decimal(std::string_view text) {
  constexpr std::string_view digits = "0123456789";
  std::size_t const point = text.find_first_not_of(digits);
  if (point == text.npos) return !text.empty();
  return point != 0 && text[point] == '.' && point + 1 != text.size() &&
         text.find_first_not_of(digits, point + 1) == text.npos;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  std::string const text(text_of(data, size));
  auto const parsed = parse_scrape_timeout(text);
  if (!is_decimal(text)) {
    always(!parsed, "what is no decimal number is no time");
    return 0;
  }
  double const seconds = std::strtod(text.c_str(), nullptr);
  if (!parsed) {
    always(seconds < 1.000001e-9, "a time of a nanosecond or more is one");
    return 0;
  }
  always(*parsed > std::chrono::nanoseconds(0) && *parsed <= scrape_timeout_max,
         "a time is more than nothing, and no longer than the longest");
  double const expected =
      std::min(seconds, std::chrono::duration<double>(scrape_timeout_max).count());
  always(std::fabs(std::chrono::duration<double>(*parsed).count() - expected) <= 2e-9,
         "a time is what the C library reads");
  return 0;
}
