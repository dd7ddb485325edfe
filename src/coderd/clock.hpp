// clock.hpp: points in time as the API and the licence file write them: RFC 3339, UTC, seconds.

#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace service {

/// In whole seconds: in nanoseconds, as the system clock counts, a year 2263 would overflow.
[[nodiscard]] std::chrono::sys_seconds now();

/// `2026-03-31T12:00:00Z`
[[nodiscard]] std::string to_text(std::chrono::sys_seconds when);

/// The inverse of to_text. Empty when `text` is anything else, such as a day that does not exist.
[[nodiscard]] std::optional<std::chrono::sys_seconds> parse_time(std::string_view text);

}  // namespace service
