// A summary's sketch that is read while its owner observes, by another thread, at each instruction,
// and where the owner was stopped for ever.

#include "stele/sketch.hpp"

#include <gtest/gtest.h>
#include <setjmp.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <memory>
#include <random>
#include <thread>

#include "sanitized.hpp"
#include "sketch_case.hpp"

using stele::sketch;
using stele::test::in_window;
using stele::test::observe;
using stele::test::totals_of;

// A gather that finds no quiet moment is answered at the owner's next look at the clock, which is
// never far: every value is an observation that might be in the wrong slice.
TEST(SketchReading, LooksAreAsFarApartAsTheClockAllows) {
  auto part = std::make_unique<sketch>();
  EXPECT_TRUE(part->look_due());
  part->observe(1, 1);
  EXPECT_TRUE(part->look_due());
  std::int64_t now = 0;
  auto const apart = [&](std::int64_t between) {
    part->look(now);
    int observations = 0;
    for (; !part->look_due(); ++observations) {
      part->observe(1, 1);
      now += between;
    }
    return observations;
  };
  EXPECT_EQ(apart(1'000'000'000), 1);
  EXPECT_EQ(apart(1'000'000'000), 1);
  int most = 0;
  for (int i = 0; i < 20; ++i) most = std::max(most, apart(100));
  EXPECT_EQ(most, int{sketch::looks_apart_max});
  EXPECT_EQ(apart(1'000'000'000), int{sketch::looks_apart_max});  // it could not know
  EXPECT_EQ(apart(1'000'000'000), 1);
}

// The clock of another thread may find that a slice is over; then the owners are told.
TEST(SketchReading, AnOwnerWhoIsCalledLooksAtHisNextObservation) {
  auto part = std::make_unique<sketch>();
  for (int i = 0; i < 100; ++i) observe(*part, 1, 1);
  ASSERT_FALSE(part->look_due());
  observe(*part, 1, 2);
  EXPECT_EQ(in_window(*part, 6), 0U);  // he has not seen to it: all are in the first slice
  part->call_owner();
  EXPECT_TRUE(part->look_due());
  observe(*part, 1, 2);
  EXPECT_EQ(in_window(*part, 6), 1U);
  EXPECT_EQ(in_window(*part, 5), 102U);
}

// The totals belong together, and the window has at most the value more that is being observed,
// while an owner observes in all the ways there are.
TEST(SketchReading, MayBeReadAtAnyTime) {
  auto part = std::make_unique<sketch>();
  std::atomic<bool> stop{false};
  std::atomic<sketch::epoch> epoch{1};
  std::thread owner([&] {
    std::mt19937_64 random(1);
    std::uniform_int_distribution<int> exponent(-20, 20);  // far from where additions are rounded
    for (int i = 0; !stop; ++i) {
      if (i % 1000 == 999) {
        epoch = epoch + 1;
        part->call_owner();
      }
      double const value = std::ldexp(1, exponent(random));
      observe(*part, value, epoch);
      observe(*part, -value, epoch);  // the sum of a pair is exactly zero
    }
  });
  for (int i = 0; i < 300; ++i) {
    std::uint64_t const window = in_window(*part, epoch);
    sketch::totals read;
    while (!part->try_read(read)) std::this_thread::yield();
    ASSERT_LE(window, read.count + 1);
    ASSERT_EQ(read.sum > 0, read.count % 2 == 1) << read.count << ' ' << read.sum;
    ASSERT_GE(read.sum, 0);
  }
  stop = true;
  owner.join();
}

// A gather that finds no quiet moment asks; the owner answers at his next look.
TEST(SketchReading, AnOwnerAnswersAGatherWhenHeLooks) {
  auto part = std::make_unique<sketch>();
  observe(*part, 2.5, 1);
  sketch::totals copied;
  EXPECT_FALSE(part->ask_owner(copied));  // which ends, although nobody answers
  part->look(0);
  observe(*part, 1.0, 1);
  EXPECT_TRUE(part->ask_owner(copied));
  EXPECT_EQ(copied.count, 1U);
  EXPECT_EQ(copied.sum, 2.5);
  EXPECT_FALSE(part->ask_owner(copied));
}

// A sanitizer has its own calls between a program's instructions.
#if defined(__x86_64__) && !STELE_TEST_SANITIZED

namespace {

sketch* interrupted = nullptr;
int torn = 0;

/// Of values that are all 1.0 the sum is the count.
void read_interrupted() {
  if (sketch::totals read;
      interrupted->try_read(read) && read.sum != static_cast<double>(read.count))
    ++torn;
}

void observe_interrupted() { observe(*interrupted, 1.0, 1); }

int steps = 0;
void (*at_each_step)() = nullptr;

/// While it lives, at_each_step() is called at each instruction of step().
class step_handler {
 public:
  step_handler() {
    struct sigaction action{};
    action.sa_handler = [](int) {
      ++steps;
      at_each_step();
    };
    sigaction(SIGTRAP, &action, &before_);
  }
  ~step_handler() { sigaction(SIGTRAP, &before_, nullptr); }
  step_handler(step_handler const&) = delete;
  step_handler& operator=(step_handler const&) = delete;

 private:
  struct sigaction before_{};
};

void step(void (*work)()) {
  constexpr unsigned long long trap_flag = 0x100;
  __builtin_ia32_writeeflags_u64(__builtin_ia32_readeflags_u64() | trap_flag);
  work();
  __builtin_ia32_writeeflags_u64(__builtin_ia32_readeflags_u64() & ~trap_flag);
}

/// Calls `meanwhile` before every instruction of `work`: what two processors seldom do to each
/// other within a nanosecond.
void step_through(void (*work)(), void (*meanwhile)()) {
  step_handler const handler;
  auto const part = std::make_unique<sketch>();
  interrupted = part.get();
  observe_interrupted();
  observe_interrupted();
  steps = torn = 0;
  at_each_step = meanwhile;
  for (int i = 0; i < 20; ++i) step(work);
  EXPECT_GT(steps, 200);
  EXPECT_EQ(torn, 0);
}

}  // namespace

TEST(SketchReading, TotalsBelongTogetherAtEveryInstructionOfTheOwner) {
  step_through(observe_interrupted, read_interrupted);
}

TEST(SketchReading, TotalsBelongTogetherAtEveryInstructionOfTheReader) {
  step_through(read_interrupted, observe_interrupted);
}

namespace {

int stop_at = 0;
sigjmp_buf stopped;

/// An observation that ends before its instruction number `stop_at`; false if it has fewer.
bool observe_and_stop() {
  steps = 0;
  at_each_step = [] {
    if (steps == stop_at) siglongjmp(stopped, 1);
  };
  if (sigsetjmp(stopped, 1) != 0) return true;
  step(observe_interrupted);
  return false;
}

}  // namespace

// In the child of a fork an owner may be stopped anywhere, for ever: what he leaves is settled, to
// be read and added like any other.
TEST(SketchReading, TotalsBelongTogetherWhereverTheOwnerIsStopped) {
  step_handler const handler;
  int in_mid_update = 0;
  for (stop_at = 1;; ++stop_at) {
    auto const part = std::make_unique<sketch>();
    interrupted = part.get();
    for (int i = 0; i < 2; ++i) observe_interrupted();
    ASSERT_EQ(part->read().count, 2U);
    observe_interrupted();
    if (!observe_and_stop()) break;
    sketch::totals read;
    bool const whole = part->try_read(read);
    for (bool const first : {true, false}) {
      auto const kept = std::make_unique<sketch>();
      if (!first) observe(*kept, 1.0, 1);
      kept->merge(*part);
      ASSERT_EQ(totals_of(*kept).count, (first ? 0 : 1) + (whole ? read.count : 2)) << stop_at;
      observe(*kept, 1.0, 1);
      sketch::totals const all = totals_of(*kept);
      ASSERT_EQ(all.sum, static_cast<double>(all.count)) << stop_at;
    }
    in_mid_update += whole ? 0 : 1;
  }
  EXPECT_GT(in_mid_update, 1);
}

#endif
