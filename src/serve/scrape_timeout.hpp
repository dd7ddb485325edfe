// scrape_timeout.hpp: how long the scraper waits, by X-Prometheus-Scrape-Timeout-Seconds.
//
//   parse_scrape_timeout("0.5") == std::chrono::milliseconds(500)
//
// Threads: pure functions.

#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace stele::serving {

/// What is longer is taken for this: no scraper waits so long.
inline constexpr std::chrono::nanoseconds scrape_timeout_max = std::chrono::hours(24);

/// The field's value: digits, and perhaps a point and digits, as Prometheus writes it (`4`, `0.5`,
/// `10.000`). Parts of a nanosecond are cut off. Nothing where it is anything else, a sign or an
/// exponent included, or not more than 0: such a field is as none.
std::optional<std::chrono::nanoseconds> parse_scrape_timeout(std::string_view seconds) noexcept;

}  // namespace stele::serving
