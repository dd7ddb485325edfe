#include "secure/rate_limit.hpp"

#include <algorithm>
#include <cstdint>

namespace stele::securing {

/// Kept as a time: each token taken moves the moment at which the bucket is full on by an interval.
/// What is past a century is cut to it, so that no sum of these overflows.
std::optional<token_bucket::clock::duration> token_bucket::take(clock::time_point now) {
  if (config_.interval.count() <= 0) return std::nullopt;
  constexpr std::chrono::nanoseconds century = std::chrono::hours(24 * 365 * 100);
  std::chrono::nanoseconds const interval = std::min(config_.interval, century);
  auto const tokens =
      std::min(static_cast<std::int64_t>(config_.burst), std::int64_t{century / interval});
  clock::duration const whole = interval * std::max<std::int64_t>(tokens, 1);
  clock::time_point const full_at = std::max(full_at_.value_or(now), now) + interval;
  if (full_at - now > whole) return full_at - now - whole;
  full_at_ = full_at;
  return std::nullopt;
}

long long retry_after_seconds(token_bucket::clock::duration wait) noexcept {
  return std::max<long long>(1, std::chrono::ceil<std::chrono::seconds>(wait).count());
}

}  // namespace stele::securing
