// sketch_case.hpp: what the tests of a summary's sketch share: how it is fed, and read.
//
//   observe(*part, 2.5, 1);
//   EXPECT_EQ(totals_of(*part).count, 1U);
//
// Threads: observe() is the owner's; the others may be called from any thread.

#pragma once

#include "stele/sketch.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <map>

namespace stele::test {

/// As an instrument observes: counts quickly where it may, else looks when it is due.
inline bool observe(sketch& part, double value, sketch::epoch now) {
  if (part.observe_quickly(value)) return true;
  if (part.look_due()) part.look(0);
  return part.observe(value, now);
}

inline std::map<std::size_t, std::uint64_t> window_of(sketch const& part, sketch::epoch now) {
  std::map<std::size_t, std::uint64_t> counts;
  part.read_window(now, [&](std::size_t bucket, std::uint64_t count) { counts[bucket] += count; });
  return counts;
}

inline std::uint64_t in_window(sketch const& part, sketch::epoch now) {
  std::uint64_t sum = 0;
  for (auto const& [bucket, count] : window_of(part, now)) sum += count;
  return sum;
}

inline sketch::totals totals_of(sketch const& part) {
  sketch::totals read;
  EXPECT_TRUE(part.try_read(read));
  return read;
}

}  // namespace stele::test
