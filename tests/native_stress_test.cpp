// Gathers while threads observe in a tight loop: bounded, and of one moment.

#include <stele/testing.hpp>

#include <gtest/gtest.h>
#include <time.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <string>
#include <thread>

#include "native_table.hpp"
#include "sanitized.hpp"

using stele::testing::histogram_value;
using stele::testing::native_value;
using stele::testing::value;
using buckets = native_value::bucket_counts;

namespace {

constexpr int gathers = stele::test::sanitized ? 300 : 3000;

std::uint64_t in_buckets(native_value const& of) {
  std::uint64_t sum = of.zero_count;
  for (auto const* sign : {&of.positive, &of.negative})
    for (auto const& [index, count] : *sign) sum += count;
  return sum;
}

/// How long this thread has had a processor.
std::chrono::nanoseconds processor_time() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

/// Two threads that call work(stop) until they are stopped, at the latest at the end of a test.
class two_writers {
 public:
  template <class Work>
  explicit two_writers(Work work) {
    for (auto& thread : threads_) thread = std::thread([this, work] { work(stop_); });
  }
  ~two_writers() { stop(); }
  two_writers(two_writers const&) = delete;
  two_writers& operator=(two_writers const&) = delete;

  void stop() {
    stop_ = true;
    for (auto& thread : threads_)
      if (thread.joinable()) thread.join();
  }

 private:
  std::atomic<bool> stop_{false};
  std::thread threads_[2];
};

/// Gathers while two threads run observe() in a tight loop, and calls check() on each value.
/// Reports the worst time of a gather, and the worst that it had a processor for: what others on
/// the machine take is not asserted, but that all gathers end is.
template <class Instrument, class Observe, class Check>
void gather_under_writers(Instrument const& at, Observe observe, Check check) {
  std::atomic<std::uint64_t> observed{0};
  auto const start = value(at);
  two_writers writers([&](std::atomic<bool> const& stop) {
    std::uint64_t n = 0;
    for (; !stop; ++n) observe();
    observed += n;
  });
  std::chrono::nanoseconds worst{0};
  std::chrono::nanoseconds worst_processor{0};
  std::uint64_t last = 0;
  bool consistent = true;
  for (int i = 0; i < gathers && consistent; ++i) {
    auto const begin = std::chrono::steady_clock::now();
    auto const processor_begin = processor_time();
    auto const now = value(at);
    worst_processor = std::max(worst_processor, processor_time() - processor_begin);
    worst = std::max<std::chrono::nanoseconds>(worst, std::chrono::steady_clock::now() - begin);
    check(now, start);
    EXPECT_GE(now.count, last);
    EXPECT_EQ(in_buckets(now.native), now.count);
    last = now.count;
    consistent = !testing::Test::HasFailure();
  }
  writers.stop();
  EXPECT_EQ(value(at).count - start.count, observed.load());
  std::printf("worst of %d gathers under two tight writers: %d us, %d us of them on a processor\n",
              gathers, static_cast<int>(worst / std::chrono::microseconds(1)),
              static_cast<int>(worst_processor / std::chrono::microseconds(1)));
}

}  // namespace

// "A scrape is bounded", and one snapshot's count, sum, classic and native buckets agree: every
// thread observes 1.0.
TEST(NativeStress, CountSumAndBothKindsOfBucketsOfOneSnapshotAgree) {
  gather_under_writers(
      native::tight, [] { native::tight.observe(1.0); },
      [](histogram_value const& now, histogram_value const& start) {
        EXPECT_EQ(now.sum - start.sum, static_cast<double>(now.count - start.count));
        EXPECT_EQ(now.buckets[1], now.count);
        EXPECT_EQ(now.native.positive, now.count == 0 ? buckets() : (buckets{{0, now.count}}));
      });
}

// The same while positions move and resolutions are halved: what was observed is 1, then 2^1, 2^-1,
// 2^2, …, to 2^±100.
TEST(NativeStress, ASnapshotWhilePositionsMoveIsOfOneMoment) {
  for (int round = 0; round < 20; ++round) {
    auto const at = native::at_schema<8>.with({.test = "moving " + std::to_string(round)});
    two_writers const writers([at](std::atomic<bool> const& stop) {
      for (int n = 0; n <= 100 && !stop; ++n)
        for (int repeat = 0; repeat < 20; ++repeat)
          at.observe(std::ldexp(1.0, n % 2 == 0 ? n : -n));
      while (!stop) at.observe(1.0);
    });
    int schema = 8;
    std::uint64_t last = 0;
    for (int i = 0; i < gathers / 30; ++i) {
      auto const now = value(at);
      ASSERT_EQ(in_buckets(now.native), now.count);
      ASSERT_LE(now.native.schema, schema);
      ASSERT_GE(now.count, last);
      schema = now.native.schema;
      last = now.count;
    }
  }
}
