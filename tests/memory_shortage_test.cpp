// Where there is no memory: updates go to the retired cells under the table's mutex, and what
// cannot be counted is refused when no lock is held any more.

#include <sample.hpp>
#include <stele/testing.hpp>

#include <dlfcn.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <future>
#include <string>
#include <thread>

#include "native_table.hpp"

using sample::metric;
using stele::testing::delta;
using stele::testing::refused;
using stele::testing::value;

namespace {

/// Whether this thread gets no memory for cells.
constinit thread_local bool memory_is_short = false;

/// Ends it for a scope, such as that of a callback.
struct memory_is_back {
  memory_is_back() { memory_is_short = false; }
  ~memory_is_back() { memory_is_short = true; }
};

using allocate = int (*)(void**, std::size_t, std::size_t);

}  // namespace

/// The core's cells come from here.
extern "C" int posix_memalign(void** memory, std::size_t alignment, std::size_t size) noexcept {
  static auto const of_the_system =
      reinterpret_cast<allocate>(::dlsym(RTLD_NEXT, "posix_memalign"));
  return memory_is_short ? ENOMEM : of_the_system(memory, alignment, size);
}

namespace {

/// What `act` does on a new thread without memory; the test ends the process where it hangs.
template <class Act>
void without_memory(Act act) {
  std::promise<void> done;
  auto const ended = done.get_future();
  std::thread thread([&] {
    memory_is_short = true;
    act();
    memory_is_short = false;
    done.set_value();
  });
  if (ended.wait_for(std::chrono::seconds(20)) != std::future_status::ready) {
    ADD_FAILURE() << "an update without memory does not return";
    std::quick_exit(1);
  }
  thread.join();
}

}  // namespace

TEST(MemoryShortage, AThreadWithoutASlabLosesNothing) {
  delta const jobs(metric<"sample_jobs_total">);
  auto const wide = metric<"sample_wide_total">.with({.x = "a", .y = "b", .z = "c"});
  delta const wides(wide);
  std::thread([&] { wide.inc(); }).join();  // leaves a page for what ended threads counted
  auto const holds = value(metric<"sample_hold_seconds">).count;
  without_memory([&] {
    for (int i = 0; i < 10; ++i) {
      metric<"sample_jobs_total">.inc();
      metric<"sample_hold_seconds">.observe(0.5);
      wide.inc();
    }
  });
  EXPECT_EQ(jobs.value(), 10U);
  EXPECT_EQ(wides.value(), 11U);
  EXPECT_EQ(value(metric<"sample_hold_seconds">).count - holds, 10U);
}

// "with no lock of Stele's held": a callback that is told of a refusal may do what it likes.
TEST(MemoryShortage, ACallbackThatIsToldOfARefusalMayGatherAndCount) {
  int calls = 0;
  std::string seen;
  stele::on_diagnostic([&](stele::diagnostic const& each) {
    ++calls;
    metric<"sample_jobs_total">.inc();
    memory_is_back const here;
    seen += each.metric;
    seen += ' ';
    static_cast<void>(stele::testing::exposition<sample::table, native::table>());
    metric<"sample_visits_total">.with({.page = "/told", .user = "u"}).inc();
  });
  auto const pauses = refused(metric<"sample_pause_seconds">);
  auto const natives = refused(native::alone);
  auto const wide = metric<"sample_wide_seconds">.with({.x = "a", .y = "b"});
  auto const wides = refused(wide);
  auto const open = metric<"sample_requests_total">.with({.code = "1", .path = "/short"});
  auto const opens = refused(open);
  delta const jobs(metric<"sample_jobs_total">);
  without_memory([&] {
    metric<"sample_pause_seconds">.observe(1);  // no sketch
    native::alone.observe(1);                   // no native buckets
    wide.observe(0.5);                          // no page
    open.inc();                                 // no block
  });
  stele::on_diagnostic(nullptr);
  EXPECT_EQ(refused(metric<"sample_pause_seconds">) - pauses, 1U);
  EXPECT_EQ(refused(native::alone) - natives, 1U);
  EXPECT_EQ(refused(wide) - wides, 1U);
  EXPECT_EQ(refused(open) - opens, 1U);
  EXPECT_EQ(calls, 4) << seen;
  EXPECT_EQ(jobs.value(), 4U);
}
