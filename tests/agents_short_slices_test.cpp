// Short slices: the thread that takes pushes need not wait for one that renders.

#include <gtest/gtest.h>

#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <thread>

#include "agents/short_slices.hpp"

namespace {

using namespace stele::pushing;

/// The slice of this thread in nanoseconds, as sched_getattr(2) has it; 0 where there is none.
std::uint64_t slice() {
  std::array<unsigned char, 48> attributes{};
  if (::syscall(SYS_sched_getattr, 0, attributes.data(), attributes.size(), 0U) != 0) return 0;
  std::uint64_t runtime;
  std::memcpy(&runtime, attributes.data() + 24, sizeof runtime);
  return runtime;
}

struct seen {
  std::uint64_t before;
  std::uint64_t after;
  int policy;
  int nice;
};

seen of_a_thread(int nice, int policy) {
  seen all{};
  std::thread([&] {
    ::setpriority(PRIO_PROCESS, static_cast<id_t>(::syscall(SYS_gettid)), nice);
    sched_param const none{};
    ::sched_setscheduler(0, policy, &none);
    all.before = slice();
    ask_for_short_slices();
    all.after = slice();
    all.policy = ::sched_getscheduler(0);
    all.nice = ::getpriority(PRIO_PROCESS, static_cast<id_t>(::syscall(SYS_gettid)));
  }).join();
  return all;
}

// "Updates and scrapes do not wait for one another."
TEST(ShortSlices, AreOfTheThreadThatAsks) {
  std::uint64_t const here = slice();
  if (here == 0) GTEST_SKIP() << "expected Linux 6.12 or later, whose threads have slices";
  seen const there = of_a_thread(0, SCHED_OTHER);
  EXPECT_EQ(there.before, here);
  EXPECT_EQ(there.after, 100'000U);
  EXPECT_EQ(slice(), here);
}

TEST(ShortSlices, LeaveAllElseAsItWas) {
  seen const niced = of_a_thread(7, SCHED_OTHER);
  EXPECT_EQ(niced.policy, SCHED_OTHER);
  EXPECT_EQ(niced.nice, 7);
  seen const batch = of_a_thread(0, SCHED_BATCH);
  EXPECT_EQ(batch.policy, SCHED_BATCH);
  EXPECT_EQ(batch.after, batch.before);
}

}  // namespace
