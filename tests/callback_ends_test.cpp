// The end of a callback: what waits for it, what goes with it, and the end or fork of the process.

#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "reading_case.hpp"

using sample::metric;
using namespace reading_case;
using namespace std::chrono_literals;

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
TEST(Callbacks, MayEndThemselvesAndOthersThatWaitForTheirTurn) {
  metric<"sample_queue_length">.set(11);
  metric<"sample_events">.inc(12);
  auto captured = std::make_shared<int>(3);
  std::weak_ptr<int> const alive = captured;
  int asked = 0;
  int other_asked = 0;
  std::optional<stele::reading> self;
  std::optional<stele::reading> other =
      metric<"sample_events">.read_from([&] { return ++other_asked; });
  self.emplace(metric<"sample_queue_length">.read_from([&, captured = std::move(captured)] {
    ++asked;
    self->stop();
    other.reset();
    return *captured;
  }));
  auto text = exposition(never_ms);
  EXPECT_TRUE(shows(text, "sample_queue_length 3"));
  EXPECT_TRUE(shows(text, "sample_events 12"));  // its own again
  EXPECT_TRUE(in_time([&] { return alive.expired(); }));
  text = exposition(never_ms);
  EXPECT_TRUE(shows(text, "sample_queue_length 11"));
  EXPECT_EQ(asked, 1);
  EXPECT_EQ(other_asked, 0);
}

TEST(Callbacks, MayRegisterOthersWhichTheNextGatherAsks) {
  std::vector<stele::reading> made;
  auto reading = metric<"sample_queue_length">.read_from([&] {
    made.push_back(metric<"sample_mode">.with({.mode = "fast"}).read_from([] { return 31; }));
    return made.size();
  });
  EXPECT_FALSE(shows(exposition(never_ms), "sample_mode{mode=\"fast\"} 31"));
  auto const text = exposition(never_ms);
  EXPECT_TRUE(shows(text, "sample_mode{mode=\"fast\"} 31"));
  EXPECT_TRUE(shows(text, "sample_queue_length 2"));
}

TEST(Callbacks, MayReplaceThemselves) {
  std::optional<stele::reading> self;
  auto const second = [] { return 2; };
  self.emplace(metric<"sample_queue_length">.read_from([&] {
    self = metric<"sample_queue_length">.read_from(second);
    return 1;
  }));
  EXPECT_TRUE(shows(exposition(never_ms), "sample_queue_length 1"));
  EXPECT_TRUE(shows(exposition(never_ms), "sample_queue_length 2"));
}

// What a callback captured is destroyed on its thread, where a gather must not wait for callbacks.
TEST(Callbacks, MayHaveCapturedWhatGathersAtItsEnd) {
  struct gathers_at_end {
    std::string& text;
    ~gathers_at_end() { text = exposition(never_ms); }
  };
  std::string text;
  std::atomic<bool> destroyed{false};
  std::optional<stele::reading> self;
  auto mode = metric<"sample_mode">.with({.mode = "fast"}).read_from([] { return 31; });
  self.emplace(metric<"sample_queue_length">.read_from(
      [&, held = std::shared_ptr<gathers_at_end>(new gathers_at_end{text}, [&](auto* ended) {
            delete ended;
            destroyed = true;
          })] {
        self->stop();
        return 1;
      }));
  EXPECT_TRUE(shows(exposition(never_ms), "sample_queue_length 1"));
  ASSERT_TRUE(in_time([&] { return destroyed.load(); }));
  EXPECT_EQ(text.find("sample_mode{mode=\"fast\"}"), std::string::npos);
  EXPECT_NE(text.find("sample_events"), std::string::npos);
}

TEST(Callbacks, ThatAreKeptStayAfterTheirObject) {
  auto const in_child = [] {
    metric<"sample_started_at_unix">.read_from([] { return 12.0; }).keep();
    std::_Exit(shows(exposition(), "sample_started_at_unix 12") ? 0 : 1);
  };
  if (stele::test::thread_sanitized) GTEST_SKIP() << stele::test::why_no_fork;
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

TEST(Callbacks, ThatDoNotReturnDoNotHoldTheProcess) {
  if (stele::test::thread_sanitized) GTEST_SKIP() << stele::test::why_no_fork;
  // LeakSanitizer takes what a thread that still runs at the end holds for leaked.
  if (stele::test::address_sanitized) GTEST_SKIP() << "the thread that is left is no leak";
  auto const in_child = [] {
    static gate& stuck = *new gate;  // what a kept reading refers to must never end
    metric<"sample_queue_length">.read_from([] { return stuck.pass(), 7; }).keep();
    exposition(50);
    std::exit(0);  // with static destructors
  };
  EXPECT_EXIT(in_child(), testing::ExitedWithCode(0), "");
}

TEST(Callbacks, AreAskedInAChildToo) {
  if (stele::test::thread_sanitized) GTEST_SKIP() << stele::test::why_no_fork;
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
