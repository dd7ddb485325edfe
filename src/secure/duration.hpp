// duration.hpp: durations as the configuration file writes them.
//
//   parse_duration("1h30m") == std::chrono::minutes(90)
//   parse_duration("1.5s")  == std::chrono::milliseconds(1500)
//
// Threads: pure functions.

#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "stele/api.hpp"

namespace stele::securing {

/// Numbers with a unit each, largest unit first or not: ns, us, µs, ms, s, m, h; fractions may be
/// written. `0` needs no unit. At most 290 years. Nothing for all else, negative ones included.
STELE_API std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text) noexcept;

}  // namespace stele::securing
