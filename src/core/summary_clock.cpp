#include "core/summary_clock.hpp"

#include <time.h>

#include <atomic>
#include <chrono>
#include <cstdint>

#include "core/tables.hpp"
#include "stele/slab.hpp"
#include "stele/summary.hpp"
#include "stele/testing.hpp"

namespace stele::core {

namespace {

using nanoseconds = std::int64_t;

constexpr nanoseconds slice_time = 120'000'000'000;  // 5 slices: the last 8 to 10 minutes

nanoseconds monotonic_time() noexcept {
#if defined(CLOCK_MONOTONIC_COARSE)
  constexpr clockid_t clock = CLOCK_MONOTONIC_COARSE;  // a quarter of the price
#else
  constexpr clockid_t clock = CLOCK_MONOTONIC;
#endif
  timespec now{};
  clock_gettime(clock, &now);
  return nanoseconds{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

// Time is that of the system plus `ahead`; while a test holds it, it is `held`.
constexpr nanoseconds not_held = -1;
constinit std::atomic<nanoseconds> held{not_held};
constinit std::atomic<nanoseconds> ahead{0};

nanoseconds summary_time() noexcept {
  nanoseconds const stands = held.load(std::memory_order_acquire);
  return stands != not_held ? stands : monotonic_time() + ahead.load(std::memory_order_relaxed);
}

void tick(nanoseconds now) noexcept {
  auto const present = 1 + static_cast<sketch::epoch>(now / slice_time);
  sketch::epoch seen = summary_epoch.load(std::memory_order_relaxed);
  while (seen < present &&
         !summary_epoch.compare_exchange_weak(seen, present, std::memory_order_relaxed)) {
  }
}

}  // namespace

constinit std::atomic<sketch::epoch> summary_epoch{1};

void tick_summary_epoch() noexcept {
  // The last epoch of which the owners were told. One who looks at the clock learns it himself.
  static constinit std::atomic<sketch::epoch> told{1};
  tick(summary_time());
  sketch::epoch const present = summary_epoch.load(std::memory_order_relaxed);
  if (told.exchange(present, std::memory_order_relaxed) == present) return;
  for_each_table([](table_state& table) { table.call_summary_owners(); });
}

bool observe_slowly(sketch& part, double value) noexcept {
  if (part.look_due()) {
    nanoseconds const now = summary_time();
    tick(now);
    part.look(now);
  }
  return part.observe(value, summary_epoch.load(std::memory_order_relaxed));
}

}  // namespace stele::core

namespace stele::testing::detail {

void hold_summary_clock() noexcept {
  // At the beginning of a slice, so that a test sees the same at any time.
  auto const next = core::summary_time() / core::slice_time + 1;
  core::held.store(next * core::slice_time, std::memory_order_release);
  core::tick_summary_epoch();
}

void move_summary_clock(std::int64_t nanoseconds) noexcept {
  core::held.fetch_add(nanoseconds, std::memory_order_acq_rel);
}

void release_summary_clock() noexcept {
  core::ahead.store(core::held.load(std::memory_order_relaxed) - core::monotonic_time(),
                    std::memory_order_relaxed);
  core::held.store(core::not_held, std::memory_order_release);
}

}  // namespace stele::testing::detail
