// The benches' heap counter, which memory figures rest on: it sees what anybody takes, and forgets
// what was given back.

#include "../bench/counted_heap.hpp"

#include <malloc.h>

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <new>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

constexpr std::size_t size = 1'000'000;

struct alignas(256) aligned {
  std::array<char, size> bytes;
};

/// What the heap has while `made()` lives, beyond what it had before; and what is left then.
struct growth {
  std::size_t meanwhile;
  std::size_t after;
};
template <class Make>
growth growth_of(Make make) {
  std::size_t const before = bench::heap_bytes();
  std::size_t meanwhile = 0;
  {
    auto const made = make();
    asm volatile("" : : "r"(&made) : "memory");  // or `new` need not be called
    meanwhile = bench::heap_bytes() - before;
  }
  return {meanwhile, bench::heap_bytes() - before};
}

using c_memory = std::unique_ptr<void, decltype(&std::free)>;
c_memory owned(void* memory) { return {memory, &std::free}; }

void* grown() { return std::realloc(std::malloc(10), size); }
void* shrunk() { return std::realloc(std::malloc(3 * size), size); }
void* posix() {
  void* memory = nullptr;
  return ::posix_memalign(&memory, 64, size) == 0 ? memory : nullptr;
}

}  // namespace

TEST(CountedHeap, SeesEveryWayToTakeMemory) {
  std::vector<std::pair<char const*, std::function<growth()>>> const ways{
      {"new", [] { return growth_of([] { return std::make_unique<char[]>(size); }); }},
      {"aligned new", [] { return growth_of([] { return std::make_unique<aligned>(); }); }},
      {"vector", [] { return growth_of([] { return std::vector<char>(size); }); }},
      {"malloc", [] { return growth_of([] { return owned(std::malloc(size)); }); }},
      {"calloc", [] { return growth_of([] { return owned(std::calloc(size / 8, 8)); }); }},
      {"realloc", [] { return growth_of([] { return owned(grown()); }); }},
      {"realloc to less", [] { return growth_of([] { return owned(shrunk()); }); }},
      {"aligned_alloc",
       [] { return growth_of([] { return owned(std::aligned_alloc(64, size / 64 * 64 + 64)); }); }},
      {"memalign", [] { return growth_of([] { return owned(::memalign(64, size)); }); }},
      {"posix_memalign", [] { return growth_of([] { return owned(posix()); }); }},
      {"the C library", [] {
         static std::string const text(size, 'x');
         return growth_of([] { return owned(::strdup(text.c_str())); });
       }}};
  for (auto const& [name, way] : ways) {
    growth const seen = way();
    EXPECT_GE(seen.meanwhile, size) << name;
    EXPECT_LT(seen.meanwhile, size + size / 10) << name;
    EXPECT_EQ(seen.after, 0U) << name;
  }
}

TEST(CountedHeap, KeepsThePeakUntilItBeginsAnew) {
  std::size_t const before = bench::heap_bytes();
  bench::begin_peak();
  EXPECT_EQ(bench::heap_peak(), before);
  EXPECT_EQ(growth_of([] { return std::vector<char>(size); }).after, 0U);
  EXPECT_GE(bench::heap_peak(), before + size);
  bench::begin_peak();
  EXPECT_LT(bench::heap_peak(), before + size);
}

TEST(CountedHeap, LosesNothingBetweenThreads) {
  std::size_t const before = bench::heap_bytes();
  std::vector<std::unique_ptr<char[]>> taken(2'000);
  std::size_t const level = bench::heap_bytes();
  auto const take = [&taken](std::size_t first) {
    for (std::size_t i = first; i < taken.size(); i += 2)
      taken[i] = std::make_unique<char[]>(1'000);
  };
  std::thread other(take, 1);
  take(0);
  other.join();
  EXPECT_GE(bench::heap_bytes(), level + taken.size() * 1'000);
  for (auto& each : taken) each.reset();
  EXPECT_LT(bench::heap_bytes(), level + 10'000) << "a thread's own part of the C library";
  EXPECT_GE(level, before + taken.size() * sizeof taken[0]);
}
