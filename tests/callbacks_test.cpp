// Callbacks at scrape time: who asks them, slow, stuck and throwing ones, and gathers inside them.

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "reading_case.hpp"

using sample::metric;
using stele::testing::refused;
using namespace reading_case;
using namespace std::chrono_literals;

// "Callbacks run on one gather thread"
TEST(Callbacks, RunOnOneThreadThatIsNotTheGatherers) {
  std::vector<std::thread::id> seen;
  auto first = metric<"sample_queue_length">.read_from([&] {
    seen.push_back(std::this_thread::get_id());
    return 1;
  });
  auto second = metric<"sample_mode">.with({.mode = "fast"}).read_from([&] {
    seen.push_back(std::this_thread::get_id());
    return 1;
  });
  exposition();
  exposition();
  ASSERT_EQ(seen.size(), 4U);
  EXPECT_NE(seen.front(), std::this_thread::get_id());
  for (auto const& each : seen) EXPECT_EQ(each, seen.front());
}

TEST(Callbacks, CostNoThreadWhereThereAreNone) {
  if (stele::test::thread_sanitized) GTEST_SKIP() << stele::test::why_no_fork;
  auto const in_child = [] {
    exposition();
    std::size_t const without = threads_of_process();
    auto reading = metric<"sample_queue_length">.read_from([] { return 1; });
    exposition();
    std::_Exit(without == 1 && threads_of_process() == 2 ? 0 : 1);
  };
  EXPECT_EXIT(in_child(), testing::ExitedWithCode(0), "");
}

// "At the scrape's deadline the family of a callback that is still running is skipped and counted"
TEST(Callbacks, ThatDoNotReturnCostTheirOwnFamilyOnly) {
  gate stuck;
  auto const before = refused(metric<"sample_queue_length">);
  auto mode = metric<"sample_mode">.with({.mode = "fast"}).read_from([] { return 31; });
  auto heat = metric<"sample_temperature_celsius">.read_from([] { return 36.5; });
  // The newest is asked first: the others wait behind it.
  auto reading = metric<"sample_queue_length">.read_from([&] { return stuck.pass(), 7; });
  auto const text = exposition(2'000);
  EXPECT_EQ(text.find("sample_queue_length"), std::string::npos);
  EXPECT_TRUE(shows(text, "sample_mode{mode=\"fast\"} 31"));
  EXPECT_TRUE(shows(text, "sample_temperature_celsius 36.5"));
  EXPECT_EQ(refused(metric<"sample_queue_length">) - before, 1U);

  // Later gathers ask the others, and do not wait for it.
  for (int i = 0; i < 3; ++i)
    EXPECT_TRUE(shows(exposition(never_ms), "sample_mode{mode=\"fast\"} 31"));
  EXPECT_EQ(stuck.arrived(), 1);
  EXPECT_EQ(refused(metric<"sample_queue_length">) - before, 4U);

  stuck.open();
  EXPECT_TRUE(in_time([&] { return shows(exposition(), "sample_queue_length 7"); }));
}

TEST(Callbacks, ThatDoNotReturnCostOneThreadEachWhichEndsWithTheCall) {
  exposition();
  gate stuck;
  {
    auto warm = metric<"sample_mode">.with({.mode = "fast"}).read_from([] { return 1; });
    exposition();
  }
  std::size_t const before = threads_of_process();
  auto first = metric<"sample_queue_length">.read_from([&] { return stuck.pass(), 7; });
  auto second = metric<"sample_events">.read_from([&] { return stuck.pass(), 7; });
  auto heat = metric<"sample_temperature_celsius">.read_from([] { return 36.5; });
  exposition(500);
  for (int i = 0; i < 20; ++i) exposition();
  EXPECT_EQ(stuck.arrived(), 2);
  EXPECT_EQ(threads_of_process(), before + 2);
  stuck.open();
  EXPECT_TRUE(in_time([&] { return threads_of_process() == before; }));
}

TEST(Callbacks, ThatTakeLongButEndInTimeAreShown) {
  gate slow;
  auto reading = metric<"sample_queue_length">.read_from([&] { return slow.pass(), 7; });
  std::thread opener([&] {
    slow.wait_for_arrival();
    std::this_thread::sleep_for(50ms);
    slow.open();
  });
  EXPECT_TRUE(shows(exposition(never_ms), "sample_queue_length 7"));
  opener.join();
}

TEST(Callbacks, AreAskedForEachOfTwoGathersAtOnce) {
  std::atomic<int> calls{0};
  auto reading = metric<"sample_queue_length">.read_from([&] { return ++calls; });
  auto const many = [] {
    for (int i = 0; i < 200; ++i)
      EXPECT_NE(exposition(never_ms).find("\nsample_queue_length "), std::string::npos);
  };
  std::thread other(many);
  many();
  other.join();
  EXPECT_EQ(calls, 400);
}

TEST(Callbacks, ThatThrowAreLeftOutWithAllThatTheyAdded) {
  auto const before = refused(metric<"sample_sessions">);
  auto reading = metric<"sample_sessions">.read_from([](auto& samples) {
    samples.add({.user = "ann"}, 1);
    throw std::runtime_error("no more");
  });
  EXPECT_EQ(exposition().find("sample_sessions"), std::string::npos);
  EXPECT_EQ(refused(metric<"sample_sessions">) - before, 1U);
}

TEST(Callbacks, MayThrowAnythingAndCostTheirOwnFamilyAtThatScrapeOnly) {
  auto const before = refused(metric<"sample_queue_length">);
  int calls = 0;
  auto mode = metric<"sample_mode">.with({.mode = "fast"}).read_from([] { return 31; });
  auto reading = metric<"sample_queue_length">.read_from([&] {
    if (++calls <= 2) throw calls;  // no std::exception
    return calls;
  });
  for (std::uint64_t i = 1; i <= 2; ++i) {
    auto const text = exposition(never_ms);
    EXPECT_EQ(text.find("sample_queue_length"), std::string::npos);
    EXPECT_TRUE(shows(text, "sample_mode{mode=\"fast\"} 31"));
    EXPECT_EQ(refused(metric<"sample_queue_length">) - before, i);
  }
  EXPECT_TRUE(shows(exposition(never_ms), "sample_queue_length 3"));
  EXPECT_EQ(refused(metric<"sample_queue_length">) - before, 2U);
}

// "At the scrape's deadline"; those behind one that is stuck are skipped and counted too.
TEST(Callbacks, ThatHadNoTurnBeforeTheDeadlineAreCounted) {
  gate stuck;
  auto const before = refused(metric<"sample_mode">);
  auto mode = metric<"sample_mode">.with({.mode = "fast"}).read_from([] { return 31; });
  auto reading = metric<"sample_queue_length">.read_from([&] { return stuck.pass(), 7; });
  EXPECT_EQ(exposition(0).find("sample_mode{mode=\"fast\"}"), std::string::npos);
  EXPECT_EQ(refused(metric<"sample_mode">) - before, 1U);
  stuck.open();
  EXPECT_TRUE(in_time([&] { return shows(exposition(), "sample_mode{mode=\"fast\"} 31"); }));
}

TEST(Callbacks, MayGatherWhichLeavesFedSeriesOut) {
  std::string inside;
  metric<"sample_alloc_bytes">.set(77);
  auto set =
      metric<"sample_sessions">.read_from([](auto& samples) { samples.add({.user = "ann"}, 1); });
  auto reading = metric<"sample_queue_length">.read_from([&] {
    inside = exposition(never_ms);
    return 1;
  });
  auto const text = exposition(never_ms);
  EXPECT_TRUE(shows(text, "sample_queue_length 1"));
  EXPECT_TRUE(shows(inside, "sample_alloc_bytes 77"));
  EXPECT_EQ(inside.find("sample_queue_length"), std::string::npos);
  EXPECT_EQ(inside.find("sample_sessions"), std::string::npos);
}

TEST(Callbacks, MayWaitForAThreadThatGathers) {
  bool shown = false;
  auto mode = metric<"sample_mode">.with({.mode = "fast"}).read_from([] { return 31; });
  auto reading = metric<"sample_queue_length">.read_from([&] {
    std::thread other([&] { shown = shows(exposition(2'000), "sample_mode{mode=\"fast\"} 31"); });
    other.join();
    return 1;
  });
  EXPECT_TRUE(shows(exposition(never_ms), "sample_queue_length 1"));
  EXPECT_TRUE(shown);  // the gather inside did not wait for the callback that waits for it
}
