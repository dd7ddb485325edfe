// late_updates.cpp: counts where nothing but static objects is left, and prints what was counted.
//
//   late_updates PLUGIN     the plugin's static object counts and prints, too
//
// `end_of_all` is made before every other static object of the program, and before anything of
// Stele's, and destroyed after them, so what it prints has all updates in it.

#include <sample.hpp>
#include <stele/testing.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <thread>

#include "loaded.hpp"

using sample::metric;

namespace {

// Each place where an update is made adds a digit of its own.
constexpr std::uint64_t first_made = 1;
constexpr std::uint64_t last_destroyed = 10;
constexpr std::uint64_t ordinary_made = 100;
constexpr std::uint64_t ordinary_destroyed = 1'000;
constexpr std::uint64_t at_exit = 10'000;
constexpr std::uint64_t thread_local_destroyed = 100'000;
constexpr std::uint64_t detached_and_alive = 1'000'000;
constexpr std::uint64_t made_at_exit = 10'000'000;
constexpr std::uint64_t first_destroyed = 100'000'000;

void count(std::uint64_t amount) {
  metric<"sample_jobs_total">.inc(amount);
  metric<"sample_wait_seconds_total">.inc(0.5);
  metric<"sample_queue_length">.inc(static_cast<std::int64_t>(amount));
  metric<"sample_requests_total">.with({.code = "200", .path = "/late"}).inc(amount);
  metric<"sample_hold_seconds">.observe(1.0);
  metric<"sample_pause_seconds">.observe(1.0);
}

void print(char const* when) {
  auto const number = [](std::uint64_t value) { return static_cast<unsigned long long>(value); };
  using stele::testing::value;
  std::printf("%s: jobs %llu queue %llu requests %llu holds %llu pauses %llu\n", when,
              number(value(metric<"sample_jobs_total">)),
              number(static_cast<std::uint64_t>(value(metric<"sample_queue_length">))),
              number(value(metric<"sample_requests_total">.with({.code = "200", .path = "/late"}))),
              number(value(metric<"sample_hold_seconds">).count),
              number(value(metric<"sample_pause_seconds">).count));
}

/// Counts when it is made, and again when it is destroyed.
struct counting {
  std::uint64_t at_end;

  counting(std::uint64_t at_start, std::uint64_t end) : at_end(end) { count(at_start); }
  ~counting() { count(at_end); }
};

/// Does not count when it is made: what Stele made by that would be destroyed after it.
struct prints_at_end {
  prints_at_end() {}
  ~prints_at_end() {
    count(last_destroyed);
    print("all");
  }
};

[[gnu::init_priority(101)]] prints_at_end end_of_all;
[[gnu::init_priority(102)]] counting first(first_made, first_destroyed);
counting ordinary(ordinary_made, ordinary_destroyed);

void count_at_exit() {
  count(at_exit);
  static counting made_late(made_at_exit, 0);  // destroyed after this function
}

}  // namespace

int main(int, char** arguments) try {
  print("main");
  static thread_local counting const of_main_thread(0, thread_local_destroyed);
  std::atexit(count_at_exit);
  std::atomic<bool> counted{false};
  std::thread([&counted] {
    count(detached_and_alive);
    counted = true;
    for (;;) std::this_thread::sleep_for(std::chrono::hours(1));
  }).detach();
  while (!counted) std::this_thread::yield();
  if (arguments[1] != nullptr) loaded const plugin(arguments[1]);
} catch (std::exception const& failure) {
  std::fprintf(stderr, "late_updates: %s\n", failure.what());
  return 3;
}
