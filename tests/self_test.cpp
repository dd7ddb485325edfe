// The table about Stele itself.

#include <sample.hpp>
#include <stele/testing.hpp>
#include <stele_self.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <regex>
#include <string>
#include <thread>

using sample::metric;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

namespace {

std::string self() { return stele::testing::exposition<stele_self::table>(); }

/// The value of one line of the exposition.
double shown(std::string const& series) {
  std::string const text = "\n" + self();
  std::size_t const at = text.find("\n" + series + " ");
  return at == std::string::npos ? -1 : std::stod(text.substr(at + series.size() + 2));
}

class Self : public testing::Test {
 protected:
  Self() { stele::feed_self_rows<stele_self::table>(); }
  ~Self() override {
    metric<"sample_visits_total">.clear();
    metric<"sample_visits_total">.limit_series(stele::open_series_max);
  }
};

}  // namespace

TEST_F(Self, AllRowsAreFed) {
  metric<"sample_jobs_total">.inc();
  for (stele::core::self_row const& row : stele::core::self_rows)
    EXPECT_THAT(self(), HasSubstr("\n" + std::string(row.name)));
}

TEST_F(Self, ThreadsAndTheirMemoryAreSeenWhileTheyLive) {
  metric<"sample_jobs_total">.inc();
  std::string const threads = "stele_threads{table=\"sample\"}";
  std::string const bytes = "stele_memory_bytes{part=\"slabs\"}";
  double const before = shown(threads);
  double const bytes_before = shown(bytes);
  std::atomic<int> stage{0};
  std::thread counting([&] {
    metric<"sample_jobs_total">.inc();
    stage = 1;
    while (stage == 1) std::this_thread::yield();
  });
  while (stage == 0) std::this_thread::yield();
  EXPECT_EQ(shown(threads), before + 1);
  EXPECT_GE(shown(bytes), bytes_before + 3.0 * stele::slab_bytes<sample::table>);
  stage = 2;
  counting.join();
  EXPECT_EQ(shown(threads), before);
  EXPECT_EQ(shown(bytes), bytes_before);
}

TEST_F(Self, SeriesAndTheirMemoryComeAndGo) {
  std::string const series = "stele_series{table=\"sample\"}";
  double const before = shown(series);
  std::string const bytes = "stele_memory_bytes{part=\"open_series\"}";
  double const bytes_before = shown(bytes);
  for (int i = 0; i < 10; ++i)
    metric<"sample_visits_total">.with({.page = std::to_string(i), .user = "u"}).inc();
  EXPECT_EQ(shown(series), before + 10);
  EXPECT_GE(shown(bytes), bytes_before + 10 * 64);
  double const ended = shown("stele_series_ended_total{metric=\"sample_visits_total\"}");
  metric<"sample_visits_total">.clear();
  EXPECT_EQ(shown(series), before);
  EXPECT_EQ(shown("stele_series_ended_total{metric=\"sample_visits_total\"}"), ended + 10);
}

TEST_F(Self, RefusalsAndOverflowsAreCounted) {
  std::string const refused = "stele_refused_updates_total{metric=\"sample_wait_seconds_total\"}";
  metric<"sample_wait_seconds_total">.inc(1.0);
  double const before = shown(refused);
  metric<"sample_wait_seconds_total">.inc(-1.0);
  EXPECT_EQ(shown(refused), before + 1);
  metric<"sample_visits_total">.limit_series(1);
  metric<"sample_visits_total">.with({.page = "first", .user = "u"}).inc();
  double const over = shown("stele_series_overflows_total{metric=\"sample_visits_total\"}");
  metric<"sample_visits_total">.with({.page = "second", .user = "u"}).inc();
  EXPECT_EQ(shown("stele_series_overflows_total{metric=\"sample_visits_total\"}"), over + 1);
}

TEST_F(Self, GathersAreCounted) {
  double const before = shown("stele_gathers_total");
  EXPECT_EQ(shown("stele_gathers_total"), before + 1);
}
