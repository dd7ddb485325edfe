// license.hpp: what the licence allows, and the rows that show it.
//
// A licence never changes while the service runs; it may be read from any thread.

#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "clock.hpp"

namespace service {

struct license {
  std::chrono::sys_seconds issued_at;
  std::chrono::sys_seconds expires_at;
  std::int64_t user_limit = 0;  // active users at a time

  [[nodiscard]] bool expired() const { return now() >= expires_at; }
};

/// From now, for 30 days and 25 users.
[[nodiscard]] license evaluation_license();

/// Reads {"issued_at": "…Z", "expires_at": "…Z", "user_limit": N}. Throws a `failure` that names
/// the file, the field, what was expected and what was seen.
[[nodiscard]] license load_license(std::string const& path);

}  // namespace service
