// soon.hpp: a wait for what another thread does, which ends all the same.
//
//   EXPECT_TRUE(soon([&] { return pusher.pushed() == 1; }));
//
// Threads: any.

#pragma once

#include <chrono>
#include <thread>

namespace stele::test {

/// Whether the condition holds within 20 s, which is long for a sanitized build on a busy machine.
template <class Condition>
bool soon(Condition holds) {
  auto const end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!holds()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

}  // namespace stele::test
