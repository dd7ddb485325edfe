// A program may count its allocations in a metric: a replaced operator new, called wherever the
// library allocates, must not come back to itself.

#include <sample.hpp>
#include <stele/testing.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <new>
#include <stdexcept>
#include <string>
#include <thread>

#include "native_table.hpp"

using sample::metric;
using stele::testing::value;

namespace {

thread_local int depth = 0;
thread_local int deepest = 0;
std::atomic<int> calls{0};

void* counted(std::size_t size) {
  deepest = std::max(deepest, ++depth);
  ++calls;
  metric<"sample_jobs_total">.inc();
  metric<"sample_rooms">.with({.house = "new"}).inc();
  metric<"sample_hold_seconds">.observe(0.5);
  metric<"sample_pause_seconds">.observe(0.5);
  native::alone.observe(static_cast<double>(size));
  native::alone.observe(-static_cast<double>(size));
  metric<"sample_wide_total">.with({.x = "a", .y = "b", .z = "c"}).inc();
  // Takes the lock of all readings, which the library must not hold when it comes here.
  auto const reading = metric<"sample_temperature_celsius">.read_from([] { return 36.5; });
  --depth;
  void* const memory = std::malloc(size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

void* operator new(std::size_t size) { return counted(size); }
void* operator new[](std::size_t size) { return counted(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

TEST(CountedNew, AThreadWhoseFirstUpdateIsInItIsAttached) {
  auto const before = value(metric<"sample_jobs_total">);
  for (int i = 0; i < 50; ++i)
    std::thread([] {
      std::string const allocates(1000, 'x');
      EXPECT_EQ(allocates.size(), 1000U);
      EXPECT_EQ(deepest, 1) << "an update allocated through operator new";
    }).join();
  EXPECT_GE(value(metric<"sample_jobs_total">), before + 50);
}

TEST(CountedNew, GathersCountWhatTheyAllocateAndEnd) {
  for (int i = 0; i < 20; ++i)
    metric<"sample_visits_total">.with({.page = std::to_string(i), .user = "u"}).inc();
  EXPECT_FALSE(stele::testing::exposition<sample::table>().empty());
  EXPECT_EQ(deepest, 1);
}

TEST(CountedNew, ReadingsAreMadeAskedAndEndedWithoutIt) {
  struct alignas(64) aligned {
    std::array<char, 256> captured{};
  };
  auto const all = [] {
    int const before = calls;
    {
      auto value = metric<"sample_queue_length">.read_from([] { return 7; });
      auto set = metric<"sample_sessions">.read_from([](auto& samples) {
        for (char user = 'a'; user <= 'z'; ++user)
          samples.add({.user = std::string_view(&user, 1)}, 1);
      });
      auto histogram = metric<"sample_response_bytes">.read_from(
          [captured = aligned{}](auto& counts) { counts.observe(captured.captured.size()); });
      auto throws = metric<"sample_events">.read_from([]() -> int { throw 1; });
      for (int i = 0; i < 3; ++i) static_cast<void>(stele::gather<sample::table>());
    }
    static_cast<void>(stele::gather<sample::table>());
    return calls - before;
  };
  EXPECT_EQ(all(), 0);
}

TEST(CountedNew, CallbacksMayAllocate) {
  auto set = metric<"sample_sessions">.read_from([](auto& samples) {
    for (int i = 0; i < 100; ++i)
      samples.add({.user = std::string(50, 'u') + std::to_string(i)}, i);
  });
  auto throws =
      metric<"sample_events">.read_from([]() -> int { throw std::runtime_error("no more"); });
  auto const text = stele::testing::exposition<sample::table>();
  EXPECT_NE(text.find("u99\"} 99\n"), std::string::npos);
}
