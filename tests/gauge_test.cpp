#include <sample.hpp>
#include <stele/testing.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <stdexcept>
#include <thread>
#include <utility>

using sample::metric;
using stele::testing::value;
using namespace std::chrono_literals;

TEST(Gauge, IsSetRaisedAndLowered) {
  metric<"sample_queue_length">.set(10);
  metric<"sample_queue_length">.inc();
  metric<"sample_queue_length">.inc(5);
  metric<"sample_queue_length">.dec();
  metric<"sample_queue_length">.dec(20);
  EXPECT_EQ(value(metric<"sample_queue_length">), -5);
}

TEST(Gauge, InAUnitHoldsDoubles) {
  metric<"sample_temperature_celsius">.set(36.6);
  metric<"sample_temperature_celsius">.dec(0.5);
  EXPECT_DOUBLE_EQ(value(metric<"sample_temperature_celsius">), 36.1);
}

TEST(Gauge, StoresAnIntegerAboveItsRangeAsTheHighest) {
  metric<"sample_queue_length">.set(std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(value(metric<"sample_queue_length">), std::numeric_limits<std::int64_t>::max());
}

TEST(Gauge, OfACountWrapsAsAnAtomicDoes) {
  metric<"sample_queue_length">.set(0);
  metric<"sample_queue_length">.dec(std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(value(metric<"sample_queue_length">), std::numeric_limits<std::int64_t>::min());
  metric<"sample_queue_length">.set(0);
}

TEST(Gauge, TracksAScope) {
  metric<"sample_queue_length">.set(0);
  {
    auto first = metric<"sample_queue_length">.track();
    auto second = metric<"sample_queue_length">.track();
    EXPECT_EQ(value(metric<"sample_queue_length">), 2);
    auto moved = std::move(first);
    EXPECT_EQ(value(metric<"sample_queue_length">), 2);
  }
  EXPECT_EQ(value(metric<"sample_queue_length">), 0);
}

TEST(Gauge, TakesAPointInTimeAsUnixSeconds) {
  metric<"sample_started_at_unix">.set(std::chrono::system_clock::time_point(1500ms));
  EXPECT_DOUBLE_EQ(value(metric<"sample_started_at_unix">), 1.5);
  auto const before = std::chrono::system_clock::now().time_since_epoch();
  metric<"sample_started_at_unix">.set_to_current_time();
  EXPECT_NEAR(value(metric<"sample_started_at_unix">),
              std::chrono::duration<double>(before).count(), 60);
}

TEST(Gauge, KeepsASeriesForEachLabelSet) {
  metric<"sample_sessions">.with({.user = "ann"}).set(3);
  metric<"sample_sessions">.with({.user = "bob"}).inc();
  metric<"sample_mode">.with({.mode = sample::mode::slow}).set(1);
  EXPECT_EQ(value(metric<"sample_sessions">.with({.user = "ann"})), 3);
  EXPECT_EQ(value(metric<"sample_sessions">.with({.user = "bob"})), 1);
  EXPECT_EQ(value(metric<"sample_mode">.with({.mode = "slow"})), 1);
  EXPECT_EQ(value(metric<"sample_mode">.with({.mode = "fast"})), 0);
}

TEST(Reading, FeedsASeriesWhileItLives) {
  int length = 7;
  metric<"sample_queue_length">.set(1);
  {
    auto reading = metric<"sample_queue_length">.read_from([&] { return length; });
    EXPECT_EQ(value(metric<"sample_queue_length">), 7);
    length = 8;
    EXPECT_EQ(value(metric<"sample_queue_length">), 8);
  }
  EXPECT_EQ(value(metric<"sample_queue_length">), 1);
}

TEST(Reading, TakesADuration) {
  auto reading = metric<"sample_wait_seconds_total">.read_from([] { return 1500ms; });
  EXPECT_DOUBLE_EQ(value(metric<"sample_wait_seconds_total">), 1.5);
}

TEST(Reading, ThatThrowsIsLeftOutOfTheScrape) {
  auto reading = metric<"sample_queue_length">.read_from(
      []() -> int { throw std::runtime_error("no queue"); });
  auto const text = stele::testing::exposition<sample::table>();
  EXPECT_EQ(text.find("sample_queue_length"), std::string::npos);
}

TEST(Reading, ThatThrowsIsCounted) {
  auto const before = stele::testing::refused(metric<"sample_queue_length">);
  auto reading = metric<"sample_queue_length">.read_from(
      []() -> int { throw std::runtime_error("no queue"); });
  static_cast<void>(stele::testing::exposition<sample::table>());
  EXPECT_EQ(stele::testing::refused(metric<"sample_queue_length">) - before, 1U);
}

TEST(Reading, OfACounterIsLeftOutAndCountedWhereItGivesWhatNoCounterMayHave) {
  metric<"sample_jobs_total">.inc(0);
  auto const before = stele::testing::refused(metric<"sample_jobs_total">);
  auto reading = metric<"sample_jobs_total">.read_from([] { return -3; });
  auto const text = stele::testing::exposition<sample::table>();
  EXPECT_EQ(text.find("sample_jobs_total"), std::string::npos);
  EXPECT_EQ(stele::testing::refused(metric<"sample_jobs_total">) - before, 1U);
}

TEST(Reading, TheNewestOfASeriesIsAskedAndTheOlderOneAgainAfterItsEnd) {
  int older_calls = 0;
  auto older = metric<"sample_queue_length">.read_from([&] { return ++older_calls; });
  {
    auto newer = metric<"sample_queue_length">.read_from([] { return 100; });
    EXPECT_EQ(value(metric<"sample_queue_length">), 100);
    EXPECT_EQ(older_calls, 0);
  }
  EXPECT_EQ(value(metric<"sample_queue_length">), 1);
}

TEST(Reading, MayReadOtherMetricsAndEvenTheWholeTable) {
  metric<"sample_mode">.with({.mode = "fast"}).set(4);
  auto reading = metric<"sample_queue_length">.read_from(
      [] { return value(metric<"sample_mode">.with({.mode = "fast"})); });
  EXPECT_EQ(value(metric<"sample_queue_length">), 4);
}

// Each would wait for the other's callback to end.
TEST(Reading, TwoThatGatherDoNotWaitForEachOtherOnTwoThreads) {
  auto const gathering = [] { return stele::testing::exposition<sample::table>().empty() ? 1 : 0; };
  auto first = metric<"sample_queue_length">.read_from(gathering);
  auto second = metric<"sample_mode">.with({.mode = "slow"}).read_from(gathering);
  std::thread other([] {
    for (int i = 0; i < 300; ++i) static_cast<void>(stele::testing::exposition<sample::table>());
  });
  for (int i = 0; i < 300; ++i) static_cast<void>(stele::testing::exposition<sample::table>());
  other.join();
}

// "after it no call is made, and what the callback captured is gone"
TEST(Reading, LetsGoOfWhatItsCallbackCapturedWhenItEnds) {
  auto captured = std::make_shared<int>(5);
  std::weak_ptr<int> const alive = captured;
  {
    auto reading = metric<"sample_queue_length">.read_from(
        [captured = std::move(captured)] { return *captured; });
    EXPECT_EQ(value(metric<"sample_queue_length">), 5);
  }
  EXPECT_TRUE(alive.expired());
}

TEST(Reading, OfOneOfSeveralSeriesFeedsThatOne) {
  metric<"sample_mode">.with({.mode = "fast"}).set(5);
  auto reading = metric<"sample_mode">.with({.mode = "slow"}).read_from([] { return 9; });
  EXPECT_EQ(value(metric<"sample_mode">.with({.mode = "slow"})), 9);
  EXPECT_EQ(value(metric<"sample_mode">.with({.mode = "fast"})), 5);
}

TEST(Reading, MayEndInsideItsOwnCall) {
  std::optional<stele::reading> reading;
  reading.emplace(metric<"sample_queue_length">.read_from([&] {
    reading->stop();
    return 3;
  }));
  EXPECT_EQ(value(metric<"sample_queue_length">), 3);
}

TEST(Reading, OfALabelValueThatIsNotInTheSetIsRefused) {
  auto const before = stele::testing::refused(metric<"sample_mode">);
  auto reading = metric<"sample_mode">.with({.mode = "sideways"}).read_from([] { return 9; });
  EXPECT_EQ(stele::testing::refused(metric<"sample_mode">) - before, 1U);
  EXPECT_EQ(value(metric<"sample_mode">.with({.mode = "fast"})), 5);
}
