// A coroutine that changes threads between two updates: each lands with the thread that runs it. A
// compiler that kept the address of a thread_local across a suspension would write another
// thread's cells; so this program is built without optimisation and with.

#include <sample.hpp>
#include <stele/testing.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <semaphore>
#include <thread>

using sample::metric;
using stele::testing::delta;
using stele::testing::value;

namespace {

/// A thread that resumes coroutines, in the order in which they came.
class worker {
 public:
  worker() : thread_([this] { run(); }) {}
  ~worker() {
    post(nullptr);
    thread_.join();
  }

  void post(std::coroutine_handle<> suspended) {
    // Locked to the end: once the coroutine goes on, this worker may be destroyed.
    std::lock_guard const lock(mutex_);
    waiting_.push_back(suspended);
    changed_.notify_one();
  }

 private:
  void run() {
    for (;;) {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return !waiting_.empty(); });
      std::coroutine_handle<> const next = waiting_.front();
      waiting_.pop_front();
      lock.unlock();
      if (next == nullptr) return;
      next.resume();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::coroutine_handle<>> waiting_;
  std::thread thread_;  // last: it uses the others
};

/// co_await on(thread) goes on there.
struct on {
  worker& thread;

  explicit on(worker& to) : thread(to) {}
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> suspended) const { thread.post(suspended); }
  void await_resume() const noexcept {}
};

/// A coroutine that nobody waits for; it says itself when it is done.
struct detached {
  struct promise_type {
    detached get_return_object() noexcept { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() noexcept { std::terminate(); }
  };
};

/// Whether a coroutine has come to a place.
using reached = std::binary_semaphore;

/// What the calling thread itself has counted.
template <class Counter>
std::uint64_t of_this_thread(Counter const& counter) {
  std::uint64_t count = 0;
  counter.series().update([&count](std::byte* cell) {
    count = reinterpret_cast<stele::counter_cell<std::uint64_t> const*>(cell)->read();
  });
  return count;
}

struct two_counts {
  std::uint64_t first = 0;
  std::uint64_t second = 0;
};

/// 1 on the first thread, 10 on the second, `rounds` times, with nothing between that a compiler
/// would have to reload for.
template <class Counter>
detached alternate(worker& first, worker& second, int rounds, Counter counter, two_counts& seen,
                   reached& end) {
  for (int i = 0; i < rounds; ++i) {
    co_await on(first);
    counter.inc();
    co_await on(second);
    counter.inc(10U);
  }
  seen.second = of_this_thread(counter);
  co_await on(first);
  seen.first = of_this_thread(counter);
  end.release();
}

template <class Counter>
void expect_each_on_its_thread(Counter counter) {
  delta const total(counter);
  two_counts seen;
  {
    worker first;
    worker second;
    reached end{0};
    alternate(first, second, 100, counter, seen, end);
    end.acquire();
  }
  EXPECT_EQ(seen.first, 100U);
  EXPECT_EQ(seen.second, 1000U);
  EXPECT_EQ(total.value(), 1100U);
}

}  // namespace

TEST(Coroutines, EveryUpdateLandsWithTheThreadThatRunsIt) {
  expect_each_on_its_thread(metric<"sample_jobs_total">);
}

TEST(Coroutines, AHandleOfAClosedLabelMayBeHeldAcrossASuspension) {
  expect_each_on_its_thread(
      metric<"sample_transfers_total">.with({.direction = sample::direction::in}));
}

TEST(Coroutines, AHandleOfAnOpenLabelMayBeHeldAcrossASuspension) {
  expect_each_on_its_thread(
      metric<"sample_requests_total">.with({.code = "200", .path = "/coroutine"}));
}

namespace {

detached hold_across(worker& first, worker& second, reached& middle, std::coroutine_handle<>& rest,
                     reached& end) {
  struct keep {
    std::coroutine_handle<>& where;
    reached& signal;
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> suspended) const {
      where = suspended;
      signal.release();
    }
    void await_resume() const noexcept {}
  };
  co_await on(second);
  metric<"sample_jobs_total">.inc();  // the second thread has its slab before the first one ends
  co_await on(first);
  {
    auto const handle = metric<"sample_requests_total">.with({.code = "200", .path = "/held"});
    auto const timer = metric<"sample_hold_seconds">.time();
    auto const pause = metric<"sample_open_pause_seconds">.with({.cause = "held"}).time();
    auto const busy = metric<"sample_queue_length">.track();
    auto const user = metric<"sample_sessions">.with({.user = "held"}).track();
    metric<"sample_jobs_total">.inc();
    handle.inc();
    co_await keep{rest, middle};
    metric<"sample_jobs_total">.inc();
    handle.inc();
  }
  end.release();
}

}  // namespace

// The thread on which they were made has ended when they end, and its cells are gone.
TEST(Coroutines, ATimerATrackAndAHandleOutliveTheThreadThatMadeThem) {
  delta const jobs(metric<"sample_jobs_total">);
  delta const requests(metric<"sample_requests_total">.with({.code = "200", .path = "/held"}));
  delta const holds(metric<"sample_hold_seconds">);
  delta const pauses(metric<"sample_open_pause_seconds">.with({.cause = "held"}));
  auto const queue = metric<"sample_queue_length">;
  auto const sessions = metric<"sample_sessions">.with({.user = "held"});
  auto const queue_before = value(queue);
  auto const sessions_before = value(sessions);
  std::coroutine_handle<> rest;
  reached middle{0};
  reached end{0};
  auto first = std::make_unique<worker>();
  worker second;
  hold_across(*first, second, middle, rest, end);
  middle.acquire();
  EXPECT_EQ(value(queue), queue_before + 1);
  EXPECT_EQ(value(sessions), sessions_before + 1);
  EXPECT_EQ(holds.value().count, 0U);
  first.reset();
  second.post(rest);
  end.acquire();
  EXPECT_EQ(jobs.value(), 3U);
  EXPECT_EQ(requests.value(), 2U);
  EXPECT_EQ(holds.value().count, 1U);
  EXPECT_EQ(pauses.value().count, 1U);
  EXPECT_EQ(value(queue), queue_before);
  EXPECT_EQ(value(sessions), sessions_before);
}

namespace {

detached wander(worker* threads, int hops, std::atomic<int>& running, reached& end) {
  auto const handle = metric<"sample_requests_total">.with({.code = "200", .path = "/wander"});
  for (int i = 0; i < hops; ++i) {
    metric<"sample_jobs_total">.inc();
    handle.inc();
    metric<"sample_response_bytes">.observe(1);
    co_await on(threads[i % 3]);
    metric<"sample_jobs_total">.inc();
    handle.inc();
    metric<"sample_response_bytes">.observe(1);
  }
  if (--running == 0) end.release();
}

}  // namespace

// All write the same series; one that wrote another thread's cell would lose updates.
TEST(Coroutines, ManyThatWanderOverThreadsLoseNothing) {
  constexpr int coroutines = 8;
  constexpr int hops = 2000;
  constexpr std::uint64_t updates = std::uint64_t{2} * coroutines * hops;
  delta const jobs(metric<"sample_jobs_total">);
  delta const requests(metric<"sample_requests_total">.with({.code = "200", .path = "/wander"}));
  delta const sizes(metric<"sample_response_bytes">);
  {
    worker threads[3];
    std::atomic<int> running{coroutines};
    reached end{0};
    for (int i = 0; i < coroutines; ++i) wander(threads, hops, running, end);
    end.acquire();
  }
  EXPECT_EQ(jobs.value(), updates);
  EXPECT_EQ(requests.value(), updates);
  EXPECT_EQ(sizes.value().count, updates);
  EXPECT_EQ(sizes.value().sum, static_cast<double>(updates));
}
