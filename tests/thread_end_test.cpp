// A thread that ends counts to the last: in the destructors of its objects and of its pthread keys.

#include <sample.hpp>
#include <stele/testing.hpp>

#include <gtest/gtest.h>
#include <pthread.h>
#include <sys/mman.h>

#include <climits>
#include <cstddef>
#include <thread>
#include <vector>

#include "core/table_state.hpp"
#include "sanitized.hpp"

using sample::metric;
using stele::test::scale;
using stele::testing::delta;
using stele::testing::value;

namespace {

/// Counts when the thread's own objects are destroyed.
struct counts_late {
  bool armed = false;
  ~counts_late() {
    if (armed) metric<"sample_jobs_total">.inc();
  }
};

thread_local counts_late late_object;

void count_in_key_destructor(void*) { metric<"sample_jobs_total">.inc(); }

}  // namespace

TEST(ThreadEnd, UpdatesInLateDestructorsAreCounted) {
  delta const jobs(metric<"sample_jobs_total">);
  pthread_key_t key{};
  ASSERT_EQ(pthread_key_create(&key, count_in_key_destructor), 0);
  std::thread([key] {
    late_object.armed = true;
    pthread_setspecific(key, &late_object);
    metric<"sample_jobs_total">.inc();
  }).join();
  EXPECT_EQ(jobs.value(), 3U);
  pthread_key_delete(key);
}

namespace {

/// How many rounds of key destructors there are in which a thread may count.
/// ThreadSanitizer ends a thread in the last one, in which what is counted in the one before would
/// be folded.
constexpr int rounds = PTHREAD_DESTRUCTOR_ITERATIONS - (stele::test::thread_sanitized ? 2 : 0);

/// A pthread key whose destructor counts, from a round on, and arms itself again for the next.
class counting_key {
 public:
  counting_key() { pthread_key_create(&key_, count); }

  /// On a thread: the rounds, counted from 1, from `first` on count.
  void arm(int first) noexcept { arm({this, 1, first}); }

 private:
  struct plan {
    counting_key* of;
    int round;
    int first;
  };

  void arm(plan next) noexcept {
    thread_local plan kept[2];
    plan& mine = kept[index_];
    mine = next;
    pthread_setspecific(key_, &mine);
  }

  static void count(void* armed) {
    plan const now = *static_cast<plan*>(armed);
    if (now.round >= now.first) count_one();
    if (now.round < rounds) now.of->arm({now.of, now.round + 1, now.first});
  }

  static void count_one() {
    metric<"sample_jobs_total">.inc();
    metric<"sample_hold_seconds">.observe(0.5);
    metric<"sample_visits_total">.with({.page = "/rounds", .user = "u"}).inc();
    if (scale == 1) metric<"sample_pause_seconds">.observe(0.5);
  }

  static inline std::size_t made = 0;
  std::size_t index_ = made++;
  pthread_key_t key_{};
};

/// The library's own key is made at the first update, which is made below, before main(): of these
/// two keys, one is destroyed before the library's in each round, and the other behind it.
counting_key key_before;
bool const counted_between_the_keys = (metric<"sample_jobs_total">.inc(), true);
counting_key key_behind;

std::size_t threads_attached() {
  static_cast<void>(stele::gather<sample::table>());
  return stele::core::state_of(stele::link_of<sample::table>).live.size();
}

/// A thread on a stack of its own, which is gone when it has ended, and its thread-local variables
/// with it: what still wrote to them would crash.
template <class Act>
void on_a_stack_that_goes(Act act) {
  constexpr std::size_t bytes = 1024 * 1024;
  void* const stack =
      mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(stack, MAP_FAILED);
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstack(&attributes, stack, bytes);
  pthread_t thread{};
  auto const run = [](void* what) -> void* {
    (*static_cast<Act*>(what))();
    return nullptr;
  };
  ASSERT_EQ(pthread_create(&thread, &attributes, run, &act), 0);
  pthread_join(thread, nullptr);
  pthread_attr_destroy(&attributes);
  munmap(stack, bytes);
}

/// Has the keys of many threads count from a round on; what they counted is there, and what they
/// needed for it is not.
void count_in_rounds(std::vector<counting_key*> const& keys, int first) {
  constexpr int threads = 200 / scale;
  delta const jobs(metric<"sample_jobs_total">);
  delta const visits(metric<"sample_visits_total">.with({.page = "/rounds", .user = "u"}));
  auto const holds = value(metric<"sample_hold_seconds">).count;
  auto const pauses = value(metric<"sample_pause_seconds">).count;
  auto const attached = threads_attached();
  for (int i = 0; i < threads; ++i)
    on_a_stack_that_goes([&] {
      for (counting_key* const each : keys) each->arm(first);
    });
  // Sends every thread that is there the long way, by its thread-local pointer.
  stele::set_exemplar_source([](stele::exemplar_writer&) {});
  EXPECT_EQ(threads_attached(), attached);
  stele::clear_exemplar_source();
  auto const counted = static_cast<std::uint64_t>(rounds + 1 - first);
  auto const expected = std::uint64_t{threads} * keys.size() * counted;
  EXPECT_EQ(jobs.value(), expected);
  EXPECT_EQ(visits.value(), expected);
  EXPECT_EQ(value(metric<"sample_hold_seconds">).count - holds, expected);
  if (scale == 1) {
    EXPECT_EQ(value(metric<"sample_pause_seconds">).count - pauses, expected);
  }
}

}  // namespace

// Key destructors run in PTHREAD_DESTRUCTOR_ITERATIONS rounds, of which the last is followed by
// none that could fold what is counted in it.
TEST(ThreadEnd, UpdatesInEveryRoundOfKeyDestructorsAreCounted) {
  for (int first = 1; first <= rounds; ++first) count_in_rounds({&key_before, &key_behind}, first);
}

TEST(ThreadEnd, AFirstUpdateBehindTheLibrarysOwnKeyIsCounted) {
  for (int first = 1; first <= rounds; ++first) count_in_rounds({&key_behind}, first);
}
