// What the library says of its memory, part by part: it comes with what needs it, and goes with it.

#include <sample.hpp>
#include <stele/testing.hpp>
#include <stele_self.hpp>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "native_table.hpp"

using sample::metric;

namespace {

using parts = std::map<std::string, double>;

/// The parts as a scrape shows them.
parts shown() {
  stele::feed_self_rows<stele_self::table>();
  std::string const text = stele::testing::exposition<stele_self::table>();
  std::string const begin = "\nstele_memory_bytes{part=\"";
  parts found;
  for (std::size_t at = text.find(begin); at != std::string::npos; at = text.find(begin, at)) {
    at += begin.size();
    std::size_t const end = text.find('"', at);
    found[text.substr(at, end - at)] = std::stod(text.substr(end + 2));
  }
  return found;
}

/// Threads that do something each, and then live until they are ended.
class living_threads {
 public:
  template <class Work>
  living_threads(int count, Work work) {
    for (int i = 0; i < count; ++i)
      threads_.emplace_back([this, work, i] {
        work(i);
        ++ready_;
        while (!end_) std::this_thread::yield();
      });
    while (ready_ < count) std::this_thread::yield();
  }
  ~living_threads() {
    end_ = true;
    for (auto& each : threads_) each.join();
  }

 private:
  std::atomic<int> ready_{0};
  std::atomic<bool> end_{false};
  std::vector<std::thread> threads_;
};

/// Every part but those that a gather itself fills.
void expect_same(parts const& seen, parts const& before) {
  for (auto const& [part, bytes] : before) {
    if (part == "snapshots" || part == "readings") continue;
    EXPECT_EQ(seen.at(part), bytes) << part;
  }
}

void use_closed_cells(int thread) {
  metric<"sample_wide_total">.with({.x = "a", .y = "b", .z = "c"}).inc();
  metric<"sample_wide_seconds">.with({.x = "a", .y = "b"}).observe(0.5);
  metric<"sample_pause_seconds">.observe(0.5 + thread);
  metric<"sample_pause_seconds">.observe(-0.5);
  native::alone.observe(1.5);
  native::alone.observe(-1.5);
}

}  // namespace

TEST(MemoryParts, AreThoseOfTheTable) {
  auto const seen = shown();
  EXPECT_EQ(seen.size(), std::size(stele_self::part_values));
  for (std::string_view const part : stele_self::part_values)
    EXPECT_TRUE(seen.contains(std::string(part))) << part;
}

// "Memory: bounded by live threads and touched series"
TEST(MemoryParts, OfOpenSeriesGoWithTheirThreads) {
  constexpr int threads = 10;
  constexpr int series = 1'000;
  auto const touch = [](int) {
    for (int i = 0; i < series; ++i)
      metric<"sample_visits_total">.with({.page = std::to_string(i), .user = "u"}).inc();
  };
  living_threads(1, touch);  // what threads share of the series stays
  auto const before = shown();
  {
    living_threads const alive(threads, touch);
    auto const seen = shown();
    EXPECT_GE(seen.at("open_blocks"), before.at("open_blocks") + threads * series * 64);
    // A map is at most a quarter full, at 16 bytes a place.
    EXPECT_GE(seen.at("thread_maps"), before.at("thread_maps") + threads * series * 4 * 16);
    EXPECT_GT(seen.at("slabs"), before.at("slabs"));
  }
  auto const after = shown();
  for (char const* part : {"open_blocks", "thread_maps", "slabs"})
    EXPECT_EQ(after.at(part), before.at(part)) << part;
  EXPECT_EQ(after.at("thread_maps"), 0);
  metric<"sample_visits_total">.clear();
  EXPECT_LT(shown().at("open_series"), after.at("open_series") - series * 64);
}

// "At thread exit the blocks are folded into the retired ones"
TEST(MemoryParts, OfEndedThreadsAreOnceHoweverManyTheyWere) {
  living_threads(1, use_closed_cells);
  auto const once = shown();
  for (int round = 0; round < 5; ++round) {
    {
      living_threads const alive(4, use_closed_cells);
      auto const seen = shown();
      for (char const* part : {"pages", "sketches", "native_buckets", "slabs"})
        EXPECT_GE(seen.at(part), once.at(part) + 4 * 1024) << part;
    }
    expect_same(shown(), once);
  }
}

TEST(MemoryParts, OfExemplarsAreOncePerPlace) {
  auto const put = [](int) { metric<"sample_jobs_total">.inc(1, {{"trace_id", "abc"}}); };
  auto const before = shown();
  put(0);
  auto const once = shown();
  EXPECT_GT(once.at("exemplars"), before.at("exemplars"));
  living_threads(4, put);
  EXPECT_EQ(shown().at("exemplars"), once.at("exemplars"));
}

TEST(MemoryParts, OfReadingsGoWithTheirObjects) {
  auto const before = shown().at("readings");
  std::array<char, 1'000> const captured{};
  std::vector<stele::reading> readings;
  for (int i = 0; i < 100; ++i)
    readings.push_back(
        metric<"sample_queue_length">.read_from([captured] { return captured.size(); }));
  EXPECT_GE(shown().at("readings") - before, 100 * sizeof captured);
  readings.clear();
  EXPECT_LE(shown().at("readings") - before, 100 * sizeof(void*) * 4);  // the lists' own room
}
