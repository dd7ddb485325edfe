// rate_limit.hpp: a token bucket, as golang.org/x/time/rate has it, which exporters use.
//
//   token_bucket bucket({.interval = 1s, .burst = 20});
//   if (auto const wait = bucket.take(now)) refuse_for(*wait);
//
// Threads: one at a time.

#pragma once

#include <chrono>
#include <optional>

#include "secure/web_config.hpp"

namespace stele::securing {

class token_bucket {
 public:
  using clock = std::chrono::steady_clock;

  token_bucket() = default;  // admits everything
  explicit token_bucket(rate_limit_config const& config) : config_(config) {}

  /// Takes a token. Where there is none, how long until there is one. REQUIRES: `now` does not
  /// fall.
  std::optional<clock::duration> take(clock::time_point now);

  [[nodiscard]] rate_limit_config const& config() const noexcept { return config_; }

 private:
  rate_limit_config config_;
  std::optional<clock::time_point> full_at_;  // when, if nothing more is taken, it is full again
};

/// Whole seconds, rounded up, at least 1: for Retry-After.
long long retry_after_seconds(token_bucket::clock::duration wait) noexcept;

}  // namespace stele::securing
