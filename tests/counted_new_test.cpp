// A program may count its allocations in a metric: a replaced operator new, called wherever the
// library allocates, must not come back to itself.

#include <sample.hpp>
#include <stele/testing.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <new>
#include <string>
#include <thread>

#include "native_table.hpp"

using sample::metric;
using stele::testing::value;

namespace {

thread_local int depth = 0;
thread_local int deepest = 0;

void* counted(std::size_t size) {
  deepest = std::max(deepest, ++depth);
  metric<"sample_jobs_total">.inc();
  metric<"sample_rooms">.with({.house = "new"}).inc();
  metric<"sample_hold_seconds">.observe(0.5);
  metric<"sample_pause_seconds">.observe(0.5);
  native::alone.observe(static_cast<double>(size));
  native::alone.observe(-static_cast<double>(size));
  metric<"sample_wide_total">.with({.x = "a", .y = "b", .z = "c"}).inc();
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
