// backoff.hpp: pauses between tries: each twice the one before, with jitter, so that clients whose
// server was away do not come back all at once.
//
//   backoff pauses(100, 10'000);
//   wait(pauses.next_ms());            // 50 to 100 ms, 100 to 200 ms, … 5 to 10 s
//   pauses.reset();                    // once it went well
//
// Threads: one at a time.

#pragma once

#include <algorithm>
#include <cstdint>
#include <random>

#include "stele/clock.hpp"

namespace stele::sending {

class backoff {
 public:
  /// REQUIRES: 0 < first_ms <= longest_ms.
  backoff(std::int64_t first_ms, std::int64_t longest_ms)
      : first_ms_(first_ms),
        longest_ms_(longest_ms),
        now_ms_(first_ms),
        random_(static_cast<std::uint32_t>(core::steady_now()) ^
                static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(this) >> 4U)) {}

  /// From half to all of a pause that doubles.
  std::int64_t next_ms() {
    std::int64_t const made = part_of(now_ms_ - now_ms_ / 2, now_ms_);
    now_ms_ = std::min(longest_ms_, now_ms_ * 2);
    return made;
  }
  void reset() noexcept { now_ms_ = first_ms_; }

  /// Some number of the range, whose ends are included.
  std::int64_t part_of(std::int64_t least, std::int64_t most) {
    return std::uniform_int_distribution<std::int64_t>(least, most)(random_);
  }

 private:
  std::int64_t first_ms_;
  std::int64_t longest_ms_;
  std::int64_t now_ms_;
  std::minstd_rand random_;
};

}  // namespace stele::sending
