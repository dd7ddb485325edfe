// "No lock and no allocation in observe": every call of malloc and operator new in this program is
// counted, whoever makes it.

#include <sample.hpp>

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <thread>

#include "sanitized.hpp"

using sample::metric;

// A sanitizer has an allocator of its own, which must not be replaced.
#if !STELE_TEST_SANITIZED && defined(__GLIBC__)

namespace {

constinit thread_local std::uint64_t allocations = 0;
constinit thread_local std::uint64_t news = 0;

}  // namespace

// glibc's own, under the names that it keeps for who replaces malloc.
extern "C" {
void* __libc_malloc(std::size_t) noexcept;
void* __libc_calloc(std::size_t, std::size_t) noexcept;
void* __libc_realloc(void*, std::size_t) noexcept;
void* __libc_memalign(std::size_t, std::size_t) noexcept;

void* malloc(std::size_t bytes) noexcept {
  ++allocations;
  return __libc_malloc(bytes);
}
void* calloc(std::size_t count, std::size_t bytes) noexcept {
  ++allocations;
  return __libc_calloc(count, bytes);
}
void* realloc(void* old, std::size_t bytes) noexcept {
  ++allocations;
  return __libc_realloc(old, bytes);
}
void* aligned_alloc(std::size_t alignment, std::size_t bytes) noexcept {
  ++allocations;
  return __libc_memalign(alignment, bytes);
}
}

void* operator new(std::size_t bytes) {
  ++news;
  if (void* const memory = __libc_malloc(bytes)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace {

template <class Instrument>
void observes_without_allocation(Instrument const& instrument) {
  for (double const first : {1.0, -1.0}) instrument.observe(first);
  std::array const values{1.0, 0.0, 1e-9, 1e9, 1e12, 1e-12, -3.0, -1e9, 42.0};
  std::uint64_t const allocated = allocations;
  std::uint64_t const made = news;
  for (std::size_t i = 0; i < 1'000'000; ++i) instrument.observe(values[i % values.size()]);
  EXPECT_EQ(allocations - allocated, 0U);
  EXPECT_EQ(news - made, 0U);
}

}  // namespace

TEST(SummaryAllocations, ThereAreNoneAfterTheFirstObservationsOfAThread) {
  observes_without_allocation(metric<"sample_pause_seconds">);
  observes_without_allocation(metric<"sample_open_pause_seconds">.with({.cause = "allocation"}));
}

// A program may count what operator new is asked for into a metric: a sketch is not made by it.
TEST(SummaryAllocations, ASketchIsMadeWithoutOperatorNew) {
  std::thread([] {
    metric<"sample_jobs_total">.inc();  // the thread's slab
    std::uint64_t const allocated = allocations;
    std::uint64_t const made = news;
    metric<"sample_pause_seconds">.observe(1.0);
    metric<"sample_pause_seconds">.observe(-1.0);
    EXPECT_EQ(allocations - allocated, 2U);
    EXPECT_EQ(news - made, 0U);
  }).join();
}

#endif
