// Callbacks at scrape time: values, labelled sets, histograms; slow, stuck, throwing and ending
// ones.

#include <sample.hpp>
#include <stele/testing.hpp>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using sample::metric;
using stele::testing::refused;
using stele::testing::value;
using namespace std::chrono_literals;

namespace {

constexpr bool fork_is_supported =
#if defined(__SANITIZE_THREAD__)
    false;
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
    false;
#else
    true;
#endif
#else
    true;
#endif

/// LeakSanitizer looks at the end of a process, and takes what a thread that still runs holds for
/// leaked.
constexpr bool leaks_are_sought =
#if defined(__SANITIZE_ADDRESS__)
    true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
    true;
#else
    false;
#endif
#else
    false;
#endif

/// What callbacks wait at.
class gate {
 public:
  void pass() {
    std::unique_lock lock(mutex_);
    ++arrived_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return open_; });
  }
  void open() {
    std::lock_guard const lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  void wait_for_arrival() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return arrived_ > 0; });
  }
  [[nodiscard]] int arrived() {
    std::lock_guard const lock(mutex_);
    return arrived_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int arrived_ = 0;
  bool open_ = false;
};

std::string exposition(std::uint32_t deadline_ms = 10'000) {
  std::string text;
  stele::expose(stele::gather<sample::table>({.deadline_ms = deadline_ms}), stele::format::text,
                [&](std::string_view chunk) { text += chunk; });
  return text;
}

bool shows(std::string const& text, std::string const& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

std::size_t threads_of_process() {
  namespace fs = std::filesystem;
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator("/proc/self/task"), fs::directory_iterator{}));
}

/// Whether something comes true within a time that only a broken program needs.
template <class Condition>
bool in_time(Condition holds) {
  auto const end = std::chrono::steady_clock::now() + 20s;
  while (std::chrono::steady_clock::now() < end) {
    if (holds()) return true;
    std::this_thread::sleep_for(5ms);
  }
  return false;
}

/// More than a test may take: a gather that waits for it is a test that fails.
constexpr std::uint32_t never_ms = 3'600'000;

}  // namespace

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
  if (!fork_is_supported) GTEST_SKIP() << "ThreadSanitizer does not follow a fork";
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

// ---- Their end
// -----------------------------------------------------------------------------------

// "Unregistering waits for a running call"
TEST(Callbacks, AreWaitedForByTheirEnd) {
  gate running;
  bool returned = false;
  auto reading = metric<"sample_queue_length">.read_from([&] {
    running.pass();
    std::this_thread::sleep_for(30ms);
    returned = true;
    return 1;
  });
  std::thread gathering([] { exposition(never_ms); });
  running.wait_for_arrival();
  running.open();
  reading.stop();
  EXPECT_TRUE(returned);
  gathering.join();
}

TEST(Callbacks, ThatWereLeftAreWaitedForByTheirEnd) {
  gate running;
  bool returned = false;
  auto reading = metric<"sample_queue_length">.read_from([&] {
    running.pass();
    std::this_thread::sleep_for(30ms);
    returned = true;
    return 1;
  });
  exposition(1);
  running.wait_for_arrival();
  exposition(1);
  running.open();
  reading.stop();
  EXPECT_TRUE(returned);
}

// "except from inside it"; and what it captured goes with the call.
TEST(Callbacks, MayEndThemselvesAndOthers) {
  auto captured = std::make_shared<int>(3);
  std::weak_ptr<int> const alive = captured;
  std::optional<stele::reading> self;
  std::optional<stele::reading> other = metric<"sample_events">.read_from([] { return 5; });
  self.emplace(metric<"sample_queue_length">.read_from([&, captured = std::move(captured)] {
    self->stop();
    other.reset();
    return *captured;
  }));
  EXPECT_TRUE(shows(exposition(never_ms), "sample_queue_length 3"));
  EXPECT_TRUE(in_time([&] { return alive.expired(); }));
}

TEST(Callbacks, ThatAreKeptStayAfterTheirObject) {
  auto const in_child = [] {
    metric<"sample_started_at_unix">.read_from([] { return 12.0; }).keep();
    std::_Exit(shows(exposition(), "sample_started_at_unix 12") ? 0 : 1);
  };
  if (!fork_is_supported) GTEST_SKIP() << "ThreadSanitizer does not follow a fork";
  EXPECT_EXIT(in_child(), testing::ExitedWithCode(0), "");
}

TEST(Callbacks, MayBeRegisteredAndEndedByManyThreadsUnderGathers) {
  std::atomic<bool> stop{false};
  std::atomic<int> registered{0};
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread)
    threads.emplace_back([&, thread] {
      for (int i = 0; !stop; ++i) {
        auto alive = std::make_shared<int>(i);
        auto one = metric<"sample_queue_length">.read_from([alive] { return *alive; });
        auto set = metric<"sample_sessions">.read_from([alive, thread](auto& samples) {
          for (int user = 0; user < thread; ++user)
            samples.add({.user = std::to_string(user)}, *alive);
        });
        ++registered;
        if (i % 3 == 0) std::this_thread::yield();
      }
    });
  for (int i = 0; i < 300 || registered < 3'000; ++i) exposition(never_ms);
  stop = true;
  for (auto& each : threads) each.join();
  EXPECT_EQ(exposition().find("sample_sessions{user=\"0\"}"), std::string::npos);
}

// ---- Gathers inside callbacks
// --------------------------------------------------------------------

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

// ---- Labelled sets
// -------------------------------------------------------------------------------

TEST(LabelledSet, IsWhatItsCallbackAddedAtThisScrape) {
  metric<"sample_sessions">.with({.user = "own"}).set(1);
  std::vector<std::string> users{"ann", "bob"};
  {
    auto reading = metric<"sample_sessions">.read_from([&](auto& samples) {
      for (auto const& user : users) samples.add({.user = user}, user.size());
    });
    auto text = exposition();
    EXPECT_TRUE(shows(text, "sample_sessions{user=\"ann\"} 3"));
    EXPECT_TRUE(shows(text, "sample_sessions{user=\"bob\"} 3"));
    EXPECT_EQ(text.find("user=\"own\""), std::string::npos);
    EXPECT_EQ(value(metric<"sample_sessions">.with({.user = "bob"})), 3);
    users = {"carol"};
    text = exposition();
    EXPECT_TRUE(shows(text, "sample_sessions{user=\"carol\"} 5"));
    EXPECT_EQ(text.find("user=\"ann\""), std::string::npos);
    users.clear();
    EXPECT_EQ(exposition().find("sample_sessions"), std::string::npos);
  }
  EXPECT_TRUE(shows(exposition(), "sample_sessions{user=\"own\"} 1"));
}

TEST(LabelledSet, OfAClosedRowShowsOnlyWhatWasAdded) {
  auto reading = metric<"sample_transfers_total">.read_from(
      [](auto& samples) { samples.add({.direction = sample::direction::out}, 4U); });
  auto const text = exposition();
  EXPECT_TRUE(shows(text, "sample_transfers_total{direction=\"out\"} 4"));
  EXPECT_EQ(text.find("direction=\"in\""), std::string::npos);
  EXPECT_EQ(value(metric<"sample_transfers_total">.with({.direction = "out"})), 4U);
}

// "Labels are made valid UTF-8 and rendered as everywhere"
TEST(LabelledSet, HasItsLabelsMadeValidAndEscaped) {
  auto const before = refused(metric<"sample_sessions">);
  auto reading = metric<"sample_sessions">.read_from([](auto& samples) {
    samples.add({.user = "a\"b\\c\nd"}, 1);
    samples.add({.user = std::string("\xFF", 1)}, 2);
    samples.add({.user = std::string("\xFE", 1)}, 3);  // prints as the one before
  });
  auto const text = exposition();
  EXPECT_TRUE(shows(text, "sample_sessions{user=\"a\\\"b\\\\c\\nd\"} 1"));
  EXPECT_TRUE(shows(text, "sample_sessions{user=\"\xEF\xBF\xBD\"} 2"));
  EXPECT_EQ(refused(metric<"sample_sessions">) - before, 1U);
}

TEST(LabelledSet, KeepsTheFirstOfASeriesThatIsAddedTwice) {
  auto const before = refused(metric<"sample_requests_total">);
  auto reading = metric<"sample_requests_total">.read_from([](auto& samples) {
    for (int i = 0; i < 500; ++i)  // so many that the table of those added has grown
      samples.add({.code = "200", .path = std::to_string(i)}, i);
    samples.add({.code = "200", .path = "3"}, 999);
    samples.add({.code = "200", .path = "499"}, 999);
  });
  auto const text = exposition();
  EXPECT_TRUE(shows(text, "sample_requests_total{code=\"200\",path=\"3\"} 3"));
  EXPECT_TRUE(shows(text, "sample_requests_total{code=\"200\",path=\"499\"} 499"));
  EXPECT_EQ(refused(metric<"sample_requests_total">) - before, 2U);
}

TEST(LabelledSet, RefusesAndCountsWhatTheRowCannotHave) {
  auto const before = refused(metric<"sample_mixed_total">);
  auto reading = metric<"sample_mixed_total">.read_from([](auto& samples) {
    samples.add({.kind = "a", .path = "/"}, 1);
    samples.add({.kind = "sideways", .path = "/"}, 1);  // not in the closed set
    samples.add({.kind = "b", .path = "/"}, -1);        // a counter
  });
  auto const text = exposition();
  EXPECT_TRUE(shows(text, "sample_mixed_total{kind=\"a\",path=\"/\"} 1"));
  EXPECT_EQ(text.find("kind=\"b\""), std::string::npos);
  EXPECT_EQ(refused(metric<"sample_mixed_total">) - before, 2U);
}

// "a series bound (default 10,000)"
TEST(LabelledSet, HasNoMoreThanTenThousandSeries) {
  auto const before = refused(metric<"sample_sessions">);
  auto reading = metric<"sample_sessions">.read_from([](auto& samples) {
    for (int i = 0; i < 10'003; ++i) samples.add({.user = std::to_string(i)}, i);
  });
  auto const text = exposition();
  EXPECT_TRUE(shows(text, "sample_sessions{user=\"9999\"} 9999"));
  EXPECT_EQ(text.find("user=\"10000\""), std::string::npos);
  EXPECT_EQ(refused(metric<"sample_sessions">) - before, 3U);
}

TEST(LabelledSet, HasNoMoreSeriesThanItsRowWasLimitedTo) {
  metric<"sample_sessions">.limit_series(2);
  auto reading = metric<"sample_sessions">.read_from([](auto& samples) {
    for (int i = 0; i < 3; ++i) samples.add({.user = std::to_string(i)}, i);
  });
  auto const text = exposition();
  metric<"sample_sessions">.limit_series(stele::open_series_max);
  EXPECT_TRUE(shows(text, "sample_sessions{user=\"1\"} 1"));
  EXPECT_EQ(text.find("user=\"2\""), std::string::npos);
}

TEST(LabelledSet, IsShownInsteadOfReadingsOfOneSeriesAndTheNewestOfSets) {
  int asked = 0;
  auto one = metric<"sample_mode">.with({.mode = "fast"}).read_from([&] { return ++asked; });
  {
    auto older = metric<"sample_mode">.read_from([&](auto& samples) {
      ++asked;
      samples.add({.mode = "fast"}, 20);
    });
    auto newer =
        metric<"sample_mode">.read_from([](auto& samples) { samples.add({.mode = "slow"}, 30); });
    auto const text = exposition();
    EXPECT_TRUE(shows(text, "sample_mode{mode=\"slow\"} 30"));
    EXPECT_EQ(text.find("mode=\"fast\""), std::string::npos);
    EXPECT_EQ(asked, 0);
  }
  EXPECT_TRUE(shows(exposition(), "sample_mode{mode=\"fast\"} 1"));
}

// A snapshot's values were "taken at one moment and then left alone".
TEST(LabelledSet, StaysInASnapshotWhenAnotherIsTaken) {
  std::string user = "first";
  auto reading =
      metric<"sample_sessions">.read_from([&](auto& samples) { samples.add({.user = user}, 1); });
  auto const early = stele::gather<sample::table>();
  user = "other";
  auto const late = stele::gather<sample::table>();
  std::string text;
  stele::expose(early, stele::format::text, [&](std::string_view chunk) { text += chunk; });
  EXPECT_TRUE(shows(text, "sample_sessions{user=\"first\"} 1"));
}

TEST(LabelledSet, OfALargeSizeHasAllItsTextAndCountsInTheSnapshot) {
  auto reading = metric<"sample_sessions">.read_from([](auto& samples) {
    for (int i = 0; i < 3'000; ++i)
      samples.add({.user = std::string(50, 'u') + std::to_string(i)}, i);
  });
  std::size_t const without = [] {
    auto none = metric<"sample_sessions">.read_from([](auto&) {});
    return stele::gather<sample::table>().series_count();
  }();
  EXPECT_EQ(stele::gather<sample::table>().series_count() - without, 3'000U);
  EXPECT_TRUE(
      shows(exposition(), "sample_sessions{user=\"" + std::string(50, 'u') + "2999\"} 2999"));
}

// ---- Histograms
// ----------------------------------------------------------------------------------

TEST(HistogramReading, IsShownInsteadOfTheRowsOwn) {
  metric<"sample_response_bytes">.observe(5);
  auto reading = metric<"sample_response_bytes">.read_from(
      [] { return stele::histogram_reading{{3, 1, 2}, 2500.5}; });
  auto const text = exposition();
  EXPECT_TRUE(shows(text, "sample_response_bytes_bucket{le=\"100\"} 3"));
  EXPECT_TRUE(shows(text, "sample_response_bytes_bucket{le=\"1000\"} 4"));
  EXPECT_TRUE(shows(text, "sample_response_bytes_bucket{le=\"+Inf\"} 6"));
  EXPECT_TRUE(shows(text, "sample_response_bytes_sum 2500.5"));
  EXPECT_TRUE(shows(text, "sample_response_bytes_count 6"));
}

TEST(HistogramReading, MayBeBuiltFromValues) {
  auto reading = metric<"sample_response_bytes">.read_from([](auto& counts) {
    for (int const size : {100, 101, 5000}) counts.observe(size);
  });
  auto const seen = value(metric<"sample_response_bytes">);
  EXPECT_EQ(seen.buckets, (std::vector<std::uint64_t>{1, 1, 1}));
  EXPECT_EQ(seen.sum, 5201);
}

TEST(HistogramReading, TakesADurationInTheRowsUnit) {
  auto reading =
      metric<"sample_hold_seconds">.read_from([](auto& counts) { counts.observe(250ms); });
  EXPECT_EQ(value(metric<"sample_hold_seconds">).sum, 0.25);
}

TEST(HistogramReading, ThatDoesNotFitIsLeftOutAndCounted) {
  struct external {
    std::vector<std::uint64_t> buckets;
    double sum;
  };
  double const nan = std::numeric_limits<double>::quiet_NaN();
  for (auto const& wrong : {external{{1, 2}, 3}, external{{1, 2, 3, 4}, 3},
                            external{{1, 2, 3}, nan}, external{{1, 2, 3}, -1}}) {
    auto const before = refused(metric<"sample_response_bytes">);
    auto reading = metric<"sample_response_bytes">.read_from([&] { return wrong; });
    EXPECT_EQ(exposition().find("sample_response_bytes"), std::string::npos);
    EXPECT_EQ(refused(metric<"sample_response_bytes">) - before, 1U);
  }
  auto reading =
      metric<"sample_response_bytes">.read_from([](auto& counts) { counts.observe(-1); });
  EXPECT_EQ(exposition().find("sample_response_bytes"), std::string::npos);
}

TEST(HistogramReading, MayBelowZeroWhereTheRowHasSuchABound) {
  auto reading =
      metric<"sample_change_celsius">.read_from([](auto& counts) { counts.observe(-3); });
  EXPECT_EQ(value(metric<"sample_change_celsius">).sum, -3);
}

TEST(HistogramReading, MayBeOneOfALabelledSet) {
  auto reading = metric<"sample_open_latency_seconds">.read_from([](auto& samples) {
    samples.add({.path = "/a"}, stele::histogram_reading{{1, 0, 1}, 2.5});
    auto times = samples.histogram();
    times.observe(50ms);
    samples.add({.path = "/b"}, times);
  });
  auto const text = exposition();
  EXPECT_TRUE(shows(text, "sample_open_latency_seconds_bucket{path=\"/a\",le=\"+Inf\"} 2"));
  EXPECT_TRUE(shows(text, "sample_open_latency_seconds_bucket{path=\"/b\",le=\"0.1\"} 1"));
  EXPECT_TRUE(shows(text, "sample_open_latency_seconds_sum{path=\"/b\"} 0.05"));
}

// ---- The end of the process, and fork
// -------------------------------------------------------------

TEST(Callbacks, ThatDoNotReturnDoNotHoldTheProcess) {
  if (!fork_is_supported) GTEST_SKIP() << "ThreadSanitizer does not follow a fork";
  if (leaks_are_sought) GTEST_SKIP() << "the thread that is left at the end is no leak";
  auto const in_child = [] {
    static gate& stuck = *new gate;  // what a kept reading refers to must never end
    metric<"sample_queue_length">.read_from([] { return stuck.pass(), 7; }).keep();
    exposition(50);
    std::exit(0);  // with static destructors
  };
  EXPECT_EXIT(in_child(), testing::ExitedWithCode(0), "");
}

TEST(Callbacks, AreAskedInAChildToo) {
  if (!fork_is_supported) GTEST_SKIP() << "ThreadSanitizer does not follow a fork";
  gate stuck;
  auto mode = metric<"sample_mode">.with({.mode = "fast"}).read_from([] { return 31; });
  auto reading = metric<"sample_queue_length">.read_from([&] { return stuck.pass(), 7; });
  exposition(50);
  stuck.wait_for_arrival();
  pid_t const child = ::fork();
  if (child == 0) {
    auto const text = exposition(never_ms);
    bool const right = shows(text, "sample_mode{mode=\"fast\"} 31") &&
                       text.find("sample_queue_length") == std::string::npos;
    reading.stop();  // nobody is in that call any more
    std::_Exit(right ? 0 : 1);
  }
  int status = -1;
  bool const ended = in_time([&] { return ::waitpid(child, &status, WNOHANG) == child; });
  if (!ended) ::kill(child, SIGKILL);
  EXPECT_TRUE(ended);
  EXPECT_EQ(status, 0);
  stuck.open();
}
