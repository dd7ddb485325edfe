// "No lock and no allocation in observe": every call of malloc and operator new in this program is
// counted, whoever makes it.

#include <sample.hpp>

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <thread>

#include "counted_allocations.hpp"

using sample::metric;

#ifdef STELE_TEST_COUNTS_ALLOCATIONS

namespace {

template <class Instrument>
void observes_without_allocation(Instrument const& instrument) {
  for (double const first : {1.0, -1.0}) instrument.observe(first);
  std::array const values{1.0, 0.0, 1e-9, 1e9, 1e12, 1e-12, -3.0, -1e9, 42.0};
  std::uint64_t const before = allocation_count();
  for (std::size_t i = 0; i < 1'000'000; ++i) instrument.observe(values[i % values.size()]);
  EXPECT_EQ(allocation_count() - before, 0U);
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
    std::uint64_t const allocated = allocation_count();
    std::uint64_t const made = new_count();
    metric<"sample_pause_seconds">.observe(1.0);
    metric<"sample_pause_seconds">.observe(-1.0);
    EXPECT_EQ(allocation_count() - allocated, 2U);
    EXPECT_EQ(new_count() - made, 0U);
  }).join();
}

#endif
