// Shared objects that were compiled from one table count in one state, with hidden visibility and
// RTLD_LOCAL, whichever compilers made them. This program is itself one of them.

#include <coderd.hpp>
#include <sample.hpp>
#include <stele/testing.hpp>

#include <gtest/gtest.h>
#include <pthread.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <thread>

#include "loaded.hpp"

using sample::metric;
using stele::testing::delta;
using stele::testing::exposition;

namespace {

using count_function = void(std::uint64_t);
using slab_function = void const*();

loaded const& first() {
  static loaded const plugin(plugin_path("STELE_FIRST_PLUGIN"));
  return plugin;
}

loaded const& second() {
  static loaded const plugin(plugin_path("STELE_SECOND_PLUGIN"));
  return plugin;
}

bool shows(std::string const& text, std::string const& line) {
  return text.find('\n' + line + '\n') != std::string::npos;
}

}  // namespace

TEST(SharedObjects, AnIncrementThroughEachLandsInOneSeries) {
  delta const jobs(metric<"sample_jobs_total">);
  delta const requests(metric<"sample_requests_total">.with({.code = "200", .path = "/plugin"}));
  delta const holds(metric<"sample_hold_seconds">);
  first().function<count_function>("plugin_count")(1);
  second().function<count_function>("plugin_count")(10);
  metric<"sample_jobs_total">.inc(100);
  EXPECT_EQ(jobs.value(), 111U);
  EXPECT_EQ(requests.value(), 11U);
  EXPECT_EQ(holds.value().count, 2U);
  EXPECT_EQ(first().function<std::uint64_t()>("plugin_value")(),
            second().function<std::uint64_t()>("plugin_value")());
}

// Every shared object's cached pointer means the same slab.
TEST(SharedObjects, AThreadHasOneSlabWhicheverOfThemItCameThrough) {
  delta const jobs(metric<"sample_jobs_total">);
  std::thread([] {
    EXPECT_EQ(first().function<slab_function>("plugin_slab")(), nullptr);
    first().function<count_function>("plugin_count")(1);
    EXPECT_EQ(second().function<slab_function>("plugin_slab")(), nullptr);
    second().function<count_function>("plugin_count")(1);
    metric<"sample_jobs_total">.inc();
    void const* const slab = first().function<slab_function>("plugin_slab")();
    EXPECT_NE(slab, nullptr);
    EXPECT_EQ(second().function<slab_function>("plugin_slab")(), slab);
    EXPECT_EQ(static_cast<std::byte*>(stele::thread_slab<sample::table>), slab);
  }).join();
  EXPECT_EQ(jobs.value(), 3U);
}

namespace {

/// Runs after Stele has folded the thread's slab, because its key was made later: an object that
/// still had a pointer to the slab would count in memory that was freed.
void count_late(void* plugin) {
  auto const& through = *static_cast<loaded const*>(plugin);
  EXPECT_EQ(through.function<slab_function>("plugin_slab")(), nullptr);
  through.function<count_function>("plugin_count")(1);
}

}  // namespace

TEST(SharedObjects, TheirCachedPointersAreClearedAtTheThreadsEnd) {
  metric<"sample_jobs_total">.inc(0);  // Stele's key exists
  pthread_key_t key{};
  ASSERT_EQ(pthread_key_create(&key, count_late), 0);
  for (loaded const* late : {&first(), &second()}) {
    delta const jobs(metric<"sample_jobs_total">);
    std::thread([&] {
      first().function<count_function>("plugin_count")(1);
      second().function<count_function>("plugin_count")(1);
      pthread_setspecific(key, late);
    }).join();
    EXPECT_EQ(jobs.value(), 3U);
  }
  pthread_key_delete(key);
}

TEST(SharedObjects, ARowIsExposedFromTheLoadingOfAPluginThatUsesIt) {
  EXPECT_FALSE(shows(exposition<sample::table>(), "sample_events 0"));
  loaded const plugin(plugin_path("STELE_LATE_PLUGIN"));
  EXPECT_TRUE(shows(exposition<sample::table>(), "sample_events 0"));
  plugin.function<void()>("plugin_count_own_row")();
  EXPECT_TRUE(shows(exposition<sample::table>(), "sample_events 1"));
}

// Without this the next test would prove nothing: dlclose() does take objects away.
TEST(SharedObjects, AClosedObjectThatDoesNotUseSteleIsUnloaded) {
  loaded const other(plugin_path("STELE_FOREIGN_PLUGIN"));
  EXPECT_TRUE(other.is_there());
  other.close();
  EXPECT_FALSE(other.is_there());
}

// "An object that has used a table stays loaded until the process ends, even where it is closed."
TEST(SharedObjects, AClosedPluginStaysWhileThreadsAndGathersGoOn) {
  loaded const plugin(plugin_path("STELE_CLOSING_PLUGIN"));
  auto* const count = plugin.function<count_function>("plugin_count");
  constexpr std::uint64_t least = 1000;  // before the closing, and after it
  std::atomic<bool> closed{false};
  std::atomic<int> warm{0};
  std::atomic<std::uint64_t> done{0};
  auto const work = [&](auto update) {
    for (std::uint64_t i = 0; i < least; ++i) update();
    ++warm;
    while (!closed) update();
    for (std::uint64_t i = 0; i < least; ++i) update();
  };
  std::thread counters[2];
  for (auto& each : counters)
    each = std::thread([&] {
      std::uint64_t mine = 0;
      work([&] { count(1), ++mine; });
      done += mine;
    });
  std::thread gatherer([&] {
    for (int i = 0; i < 5; ++i) exposition<coderd::table>();
    ++warm;
    while (!closed) exposition<coderd::table>();
    for (int i = 0; i < 5; ++i) exposition<coderd::table>();
  });
  while (warm != 3) std::this_thread::yield();
  plugin.close();
  closed = true;
  EXPECT_TRUE(plugin.is_there());
  for (auto& each : counters) each.join();
  gatherer.join();
  std::string const total = std::to_string(done);
  std::string const text = exposition<coderd::table>();
  EXPECT_TRUE(shows(text, "coderd_rtc_client_connections_total " + total)) << text;
  EXPECT_TRUE(shows(text,
                    "coderd_api_requests_processed_total{code=\"200\",method=\"GET\","
                    "path=\"/closing\"} " +
                        total))
      << text;
}
