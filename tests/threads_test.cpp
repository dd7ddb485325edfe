// Nothing is lost: not between threads, not when one ends. What one does late: thread_end_test.cpp.

#include <sample.hpp>
#include <stele/testing.hpp>

#include <gtest/gtest.h>
#include <pthread.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <ctime>
#include <string>
#include <thread>
#include <vector>

#include "sanitized.hpp"

using sample::metric;
using stele::test::scale;
using stele::testing::delta;
using stele::testing::value;

namespace {

template <class Work>
void on_threads(int count, Work work) {
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) threads.emplace_back([work, i] { work(i); });
  for (auto& thread : threads) thread.join();
}

}  // namespace

TEST(Threads, SixteenOfAMillionIncrementsLoseNone) {
  constexpr int threads = 16;
  constexpr int increments = 1'000'000 / scale;
  delta const jobs(metric<"sample_jobs_total">);
  delta const waited(metric<"sample_wait_seconds_total">);
  on_threads(threads, [](int) {
    for (int i = 0; i < increments; ++i) {
      metric<"sample_jobs_total">.inc();
      metric<"sample_wait_seconds_total">.inc(0.5);
    }
  });
  EXPECT_EQ(jobs.value(), std::uint64_t{threads} * increments);
  EXPECT_EQ(waited.value(), 0.5 * threads * increments);
}

TEST(Threads, TenThousandShortOnesLoseNone) {
  constexpr int rounds = 625 / scale;
  delta const jobs(metric<"sample_jobs_total">);
  delta const requests(metric<"sample_requests_total">.with({.code = "200", .path = "/short"}));
  auto const holds = value(metric<"sample_hold_seconds">);
  auto const pauses = value(metric<"sample_pause_seconds">);
  for (int i = 0; i < rounds; ++i)
    on_threads(16, [](int) {
      metric<"sample_jobs_total">.inc();
      metric<"sample_requests_total">.with({.code = "200", .path = "/short"}).inc();
      metric<"sample_hold_seconds">.observe(1.0);
      metric<"sample_pause_seconds">.observe(1.0);
    });
  constexpr std::uint64_t count = std::uint64_t{rounds} * 16;
  EXPECT_EQ(jobs.value(), count);
  EXPECT_EQ(requests.value(), count);
  EXPECT_EQ(value(metric<"sample_hold_seconds">).count - holds.count, count);
  EXPECT_EQ(value(metric<"sample_pause_seconds">).count - pauses.count, count);
}

TEST(Threads, ASharedGaugeLosesNothing) {
  metric<"sample_queue_length">.set(0);
  metric<"sample_temperature_celsius">.set(0);
  on_threads(8, [](int) {
    for (int i = 0; i < 100'000 / scale; ++i) {
      metric<"sample_queue_length">.inc(2);
      metric<"sample_queue_length">.dec();
      metric<"sample_temperature_celsius">.inc(0.5);
    }
  });
  EXPECT_EQ(value(metric<"sample_queue_length">), 8 * (100'000 / scale));
  EXPECT_DOUBLE_EQ(value(metric<"sample_temperature_celsius">), 0.5 * 8 * (100'000 / scale));
}

TEST(Threads, AHandleWorksFromEveryThread) {
  auto const handle = metric<"sample_requests_total">.with({.code = "204", .path = "/handle"});
  delta const change(handle);
  on_threads(8, [handle](int) {
    for (int i = 0; i < 1000; ++i) handle.inc();
  });
  EXPECT_EQ(change.value(), 8000U);
}

// Every thread observes 1.0, so in every snapshot a histogram's sum is its count.
TEST(Threads, SumAndCountOfOneSnapshotBelongTogether) {
  std::atomic<bool> stop{false};
  auto const start = value(metric<"sample_hold_seconds">);
  auto const pause = value(metric<"sample_pause_seconds">);
  std::vector<std::thread> writers;
  for (int i = 0; i < 2; ++i)
    writers.emplace_back([&stop] {
      while (!stop) {
        metric<"sample_hold_seconds">.observe(1.0);
        metric<"sample_pause_seconds">.observe(1.0);
      }
    });
  std::uint64_t last = 0;
  for (int i = 0; i < 2000 / scale; ++i) {
    auto const now = value(metric<"sample_hold_seconds">);
    ASSERT_EQ(now.sum - start.sum, static_cast<double>(now.count - start.count));
    ASSERT_GE(now.count, last);
    last = now.count;
    auto const paused = value(metric<"sample_pause_seconds">);
    ASSERT_EQ(paused.sum - pause.sum, static_cast<double>(paused.count - pause.count));
  }
  stop = true;
  for (auto& writer : writers) writer.join();
}

namespace {

/// How long a thread has had a processor.
std::chrono::nanoseconds time_run(pthread_t of) {
  clockid_t clock{};
  timespec run{};
  EXPECT_EQ(pthread_getcpuclockid(of, &clock), 0);
  EXPECT_EQ(clock_gettime(clock, &run), 0);
  return std::chrono::seconds(run.tv_sec) + std::chrono::nanoseconds(run.tv_nsec);
}

/// Gathers while one thread observes with pauses as short as a loop can make them. A gather may
/// lack what was observed before it where it meets the writer preempted in mid-update, and so may
/// those that follow while the writer stands; that ends when the writer runs again. How many there
/// are of these is the machine's affair: where writer and reader share a processor, most gathers
/// may meet the writer so. So this returns how many of 200 lacked something though the writer had a
/// processor for nine tenths of the gather.
template <class Instrument>
int gathers_that_miss_a_running_writer(Instrument const& instrument) {
  using clock = std::chrono::steady_clock;
  std::atomic<bool> stop{false};
  std::atomic<std::uint64_t> done{0};
  auto const before = value(instrument).count;
  std::thread writer([&] {
    for (std::uint64_t n = 1; !stop; ++n) {
      instrument.observe(1.0);
      done.store(n, std::memory_order_release);
    }
  });
  while (done == 0) std::this_thread::yield();
  int missed = 0;
  for (int i = 0; i < 200 && !testing::Test::HasFailure(); ++i) {
    std::uint64_t const expected = done.load(std::memory_order_acquire);
    auto const ran_before = time_run(writer.native_handle());
    auto const began = clock::now();
    auto const seen = value(instrument).count - before;
    auto const took = clock::now() - began;
    auto const ran = time_run(writer.native_handle()) - ran_before;
    if (seen >= expected) continue;
    if (ran > took * 9 / 10) ++missed;
    auto const deadline = clock::now() + std::chrono::seconds(20);
    while (value(instrument).count - before < expected && clock::now() < deadline)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    EXPECT_GE(value(instrument).count - before, expected) << "the writer ran, and was not seen";
  }
  stop = true;
  writer.join();
  EXPECT_EQ(value(instrument).count - before, done);
  return missed;
}

}  // namespace

// "What a thread counted before another thread gathers is in the gather": all but those that meet
// the writer preempted in mid-update. Ten of 200, since the reader may be preempted too, between
// its last look and the end of the gather, and the writer then runs unseen.
TEST(Threads, AWriterThatNeverPausesIsSeen) {
  EXPECT_LE(gathers_that_miss_a_running_writer(metric<"sample_hold_seconds">), 10);
  EXPECT_LE(gathers_that_miss_a_running_writer(metric<"sample_pause_seconds">), 10);
}

namespace {

/// The totals of doubles that a scrape shows.
struct double_totals {
  double waited = value(metric<"sample_wait_seconds_total">);
  double held = value(metric<"sample_hold_seconds">).sum;
  double paused = value(metric<"sample_pause_seconds">).sum;

  [[nodiscard]] bool lower_than(double_totals const& before) const noexcept {
    return waited < before.waited || held < before.held || paused < before.paused;
  }
};

}  // namespace

// To Prometheus a counter that falls by one unit in the last place is a reset. A fold adds what
// three threads counted in another order than a gather that saw them alive. 30,000 threads here;
// fold_test.cpp has 100,000 folds.
TEST(Threads, ADoubleIsNeverExposedLowerThanBeforeWhateverIsFolded) {
  double_totals before;
  for (int round = 0; round < 10'000 / scale; ++round) {
    std::atomic<int> counted{0};
    std::atomic<int> released{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i)
      threads.emplace_back([&, i] {
        double const amount = 0.1 * (i + 1) + 1e-3 * round;
        metric<"sample_wait_seconds_total">.inc(amount);
        metric<"sample_hold_seconds">.observe(amount);
        metric<"sample_pause_seconds">.observe(amount);
        ++counted;
        while (released <= i) std::this_thread::yield();
      });
    while (counted != 3) std::this_thread::yield();
    bool lower = false;
    auto const look = [&] {
      double_totals const now;
      lower = lower || now.lower_than(before);
      before = now;
    };
    look();
    for (auto& thread : threads) {
      ++released;
      thread.join();
      look();
    }
    ASSERT_FALSE(lower) << round;
  }
}

TEST(Threads, DetachedOnesAreCounted) {
  delta const jobs(metric<"sample_jobs_total">);
  std::atomic<int> done{0};
  for (int i = 0; i < 50; ++i)
    std::thread([&done] {
      metric<"sample_jobs_total">.inc();
      ++done;
    }).detach();
  while (done != 50) std::this_thread::yield();
  EXPECT_EQ(jobs.value(), 50U);
}

namespace {

/// An update before main().
bool const counted_before_main = [] {
  metric<"sample_events">.inc(7);
  return true;
}();

}  // namespace

TEST(Threads, UpdatesBeforeMainAreCounted) {
  EXPECT_TRUE(counted_before_main);
  EXPECT_GE(value(metric<"sample_events">), 7U);
}
