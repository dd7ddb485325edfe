// fork() while other threads observe without a pause: what the child has of it.

#include <sample.hpp>
#include <stele/testing.hpp>

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "in_child.hpp"
#include "native_table.hpp"
#include "sanitized.hpp"

using sample::metric;
using stele::testing::value;
using namespace std::chrono_literals;

namespace {

constexpr int forks = 100;

/// What a child saw, in memory that it shares with the parent.
struct report {
  std::uint64_t observed = 0;  // by all threads, each of which counts after its observation
  std::uint64_t count = 0;
  double sum = 0;
  std::chrono::nanoseconds took{};
};

class shared_report {
 public:
  shared_report()
      : report_(new(mmap(nullptr, sizeof(report), PROT_READ | PROT_WRITE,
                         MAP_SHARED | MAP_ANONYMOUS, -1, 0)) report) {}
  ~shared_report() { munmap(report_, sizeof(report)); }
  shared_report(shared_report const&) = delete;
  shared_report& operator=(shared_report const&) = delete;
  report* operator->() noexcept { return report_; }

 private:
  report* report_;
};

/// Threads that observe 1.0 in a tight loop.
template <class Observe>
class observers {
 public:
  explicit observers(Observe observe) {
    for (auto& observed : observed_)
      threads_.emplace_back([this, &observed, observe] {
        for (std::uint64_t n = 1; !end_.load(std::memory_order_relaxed); ++n) {
          observe();
          observed.store(n, std::memory_order_release);
        }
      });
    while (std::any_of(observed_.begin(), observed_.end(), [](auto& each) { return each == 0; }))
      std::this_thread::yield();
  }
  ~observers() {
    end_ = true;
    for (auto& each : threads_) each.join();
  }
  observers(observers const&) = delete;
  observers& operator=(observers const&) = delete;

  [[nodiscard]] std::uint64_t observed() const noexcept {
    std::uint64_t sum = 0;
    for (auto const& each : observed_) sum += each.load(std::memory_order_acquire);
    return sum;
  }

  static constexpr std::size_t threads = 3;  // more than the processors of a small machine

 private:
  std::array<std::atomic<std::uint64_t>, threads> observed_{};
  std::atomic<bool> end_{false};
  std::vector<std::thread> threads_;
};

/// In native buckets, where the row has them; else the count itself.
std::uint64_t in_buckets(stele::testing::histogram_value const& of) {
  std::uint64_t sum = of.native.zero_count;
  for (auto const* sign : {&of.native.positive, &of.native.negative})
    for (auto const& [index, count] : *sign) sum += count;
  return sum == 0 ? of.count : sum;
}
std::uint64_t in_buckets(stele::testing::summary_value const& of) { return of.count; }

/// Forks again and again while threads observe. A child lacks nothing but what was under way; where
/// a thread is preempted for longer than a fork waits it may lack more, but never what was
/// gathered.
template <class Instrument, class Observe>
void fork_while_observing(Instrument instrument, Observe observe) {
  observers const busy(observe);
  shared_report seen;
  int incomplete = 0;
  for (int i = 0; i < forks; ++i) {
    std::uint64_t const gathered = value(instrument).count;
    ASSERT_EQ(in_child([&] {
                auto const began = std::chrono::steady_clock::now();
                auto const now = value(instrument);
                seen->took = std::chrono::steady_clock::now() - began;
                seen->observed = busy.observed();
                seen->count = now.count;
                seen->sum = now.sum;
                return in_buckets(now) == now.count;
              }),
              0);
    ASSERT_GE(seen->count, gathered);
    ASSERT_EQ(seen->sum, static_cast<double>(seen->count));
    ASSERT_LE(seen->count, seen->observed + busy.threads);
    ASSERT_LT(seen->took, 5s);
    if (seen->count < seen->observed) ++incomplete;
  }
  EXPECT_LE(incomplete, forks / 10);
}

class ForkThreads : public testing::Test {
 protected:
  void SetUp() override {
    if (stele::test::thread_sanitized) GTEST_SKIP() << stele::test::why_no_fork;
  }
};

}  // namespace

TEST_F(ForkThreads, OfAHistogram) {
  fork_while_observing(metric<"sample_hold_seconds">,
                       [] { metric<"sample_hold_seconds">.observe(1.0); });
}

TEST_F(ForkThreads, OfAHistogramWithAnOpenLabel) {
  auto const instrument = metric<"sample_open_latency_seconds">.with({.path = "/"});
  fork_while_observing(instrument, [] {
    thread_local auto const own = metric<"sample_open_latency_seconds">.with({.path = "/"});
    own.observe(1.0);
  });
}

TEST_F(ForkThreads, OfANativeHistogram) {
  fork_while_observing(native::both, [] { native::both.observe(1.0); });
}

TEST_F(ForkThreads, OfASummary) {
  fork_while_observing(metric<"sample_pause_seconds">,
                       [] { metric<"sample_pause_seconds">.observe(1.0); });
}

TEST_F(ForkThreads, OfACounter) {
  observers const busy([] { metric<"sample_jobs_total">.inc(); });
  for (int i = 0; i < forks; ++i) {
    auto const gathered = value(metric<"sample_jobs_total">);
    ASSERT_EQ(in_child([&] {
                auto const now = value(metric<"sample_jobs_total">);
                return now >= gathered && now >= busy.observed() &&
                       now <= busy.observed() + busy.threads;
              }),
              0);
  }
}
