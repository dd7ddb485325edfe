// How the push client ends, and what else happens on threads, against a server that a test tells
// what to answer.

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "in_child.hpp"
#include "open_sockets.hpp"
#include "push_case.hpp"
#include "sanitized.hpp"

using namespace stele::test;
using sample::metric;

namespace {

// "final push on stop()".
TEST(PushEnds, PushesALastTimeAtItsEnd) {
  push_stub server(say_yes);
  auto pusher = start({.url = server.url(), .job = "j", .interval = 1h});
  server.wait_for(1);
  metric<"sample_queue_length">.set(99);
  pusher.stop();
  ASSERT_EQ(server.requests().size(), 2U);
  EXPECT_EQ(line_of(server.requests()[1].body, "sample_queue_length"), "sample_queue_length 99");
  pusher.stop();
  auto const late = pusher.push_now();
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, std::errc::operation_canceled);
  EXPECT_EQ(server.requests().size(), 2U);
}

TEST(PushEnds, TriesTheLastPushAgainWithinItsTime) {
  push_stub server(in_turn({200, 503, 503, 200}));
  auto pusher = start({.url = server.url(), .job = "j", .interval = 1h});
  EXPECT_TRUE(soon([&] { return pusher.pushed() == 1; }));
  pusher.stop();
  EXPECT_EQ(pusher.pushed(), 2U);
  EXPECT_EQ(server.requests().size(), 4U);
}

// "`.remove_at_end` (DELETE at the end)".
TEST(PushEnds, RemovesItsGroupAtItsEnd) {
  push_stub server(in_turn({200, 202}));
  {
    auto const pusher = start(
        {.url = server.url(), .job = "j", .token = "t", .interval = 1h, .remove_at_end = true});
    server.wait_for(1);
  }
  auto const all = server.requests();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[1].method, "DELETE");
  EXPECT_EQ(all[1].path, "/metrics/job/j");
  EXPECT_EQ(all[1].body, "");
  EXPECT_TRUE(all[1].has("\r\nauthorization: bearer t\r\n")) << all[1].head;
}

// "PUT/POST and DELETE from one client keep their order": the last one waits for what is under way.
TEST(PushEnds, EndsWithTheLastRequest) {
  std::atomic<bool> answered{false};
  std::atomic<bool> early{false};
  push_stub server([&](push_stub::request const& asked) {
    if (asked.method == "DELETE") {
      early = !answered;
    } else {
      std::this_thread::sleep_for(300ms);
      answered = true;
    }
    return push_stub::answer(200);
  });
  auto pusher = start({.url = server.url(), .job = "j", .interval = 1h, .remove_at_end = true});
  server.wait_for(1);
  pusher.stop();
  EXPECT_EQ(server.requests().size(), 2U);
  EXPECT_FALSE(early);
}

// "final push on stop() bounded by `stop_time_max`", whatever the server does.
TEST(PushEnds, DoesNotWaitForAServerThatHangs) {
  heard said;
  push_stub* of = nullptr;
  push_stub server([&](auto const&) {
    of->hold(long_time);
    return push_stub::answer(200);
  });
  of = &server;
  auto pusher = start({.url = server.url(), .job = "j", .stop_time_max = 200ms});
  server.wait_for(1);
  auto const before = std::chrono::steady_clock::now();
  pusher.stop();
  auto const took = std::chrono::steady_clock::now() - before;
  EXPECT_GE(took, 200ms);
  EXPECT_LT(took, 2s);
  EXPECT_NE(said.text().find(".stop_time_max was over, saw nothing"), std::string::npos)
      << said.text();
}

// "a callback … that is still running is skipped", and the last push goes out in time all the same.
TEST(PushEnds, PushesWithoutACallbackThatHangs) {
  push_stub server(say_yes);
  std::promise<void> let_go;
  auto const wait = let_go.get_future().share();
  auto reading = metric<"sample_events">.read_from([wait] {
    wait.wait();
    return 1;
  });
  metric<"sample_queue_length">.set(41);
  auto pusher = start({.url = server.url(),
                       .job = "j",
                       .interval = 1h,
                       .callback_time_max = 1h,
                       .stop_time_max = 600ms});
  std::this_thread::sleep_for(50ms);  // in its first gather
  auto const before = std::chrono::steady_clock::now();
  pusher.stop();
  EXPECT_LT(std::chrono::steady_clock::now() - before, 2s);
  EXPECT_EQ(server.requests().size(), 1U);
  EXPECT_EQ(line_of(server.requests()[0].body, "sample_queue_length"), "sample_queue_length 41");
  EXPECT_EQ(line_of(server.requests()[0].body, "sample_events"), "");
  let_go.set_value();
}

// Who waits for a push while the end comes is told of the last one; where that is a removal, that
// there was none.
TEST(PushEnds, TellsThoseWhoWaitOfTheEnd) {
  for (bool const removes : {false, true}) {
    push_stub server(say_yes);
    std::promise<void> let_go;
    auto const wait = let_go.get_future().share();
    auto reading = metric<"sample_events">.read_from([wait] {
      wait.wait();
      return 1;
    });
    auto pusher = start({.url = server.url(),
                         .job = "j",
                         .interval = 1h,
                         .callback_time_max = 1h,
                         .remove_at_end = removes});
    auto said = std::async(std::launch::async, [&] { return pusher.push_now(); });
    std::this_thread::sleep_for(50ms);  // it waits
    pusher.stop();
    auto const answer = said.get();
    EXPECT_EQ(static_cast<bool>(answer), !removes);
    if (removes) {
      EXPECT_EQ(answer.error().code, std::errc::operation_canceled) << answer.error().message;
    }
    EXPECT_EQ(server.requests().size(), 1U);
    let_go.set_value();
  }
}

TEST(PushEnds, MayBeStoppedInACallbackOfDiagnostics) {
  push_stub server(in_turn({400}));
  std::mutex mutex;
  std::optional<stele::pusher> pusher;
  std::atomic<int> stopped{0};
  std::atomic<bool> refused{false};
  stele::on_diagnostic([&](stele::diagnostic const&) {
    std::lock_guard const lock(mutex);
    if (!pusher) return;
    refused = !pusher->push_now();
    pusher.reset();
    ++stopped;
  });
  {
    std::lock_guard const lock(mutex);
    pusher.emplace(start({.url = server.url(), .job = "j", .interval = 1h}));
  }
  EXPECT_TRUE(soon([&] { return stopped == 1; }));
  EXPECT_TRUE(refused);
  server.wait_for(2);  // the last push, all the same
  stele::on_diagnostic(nullptr);
}

TEST(PushEnds, MayBeCalledFromManyThreadsAtOnce) {
  push_stub server(say_yes);
  auto pusher = start({.url = server.url(), .job = "j", .interval = 20ms});
  std::vector<std::thread> threads;
  std::atomic<int> took{0};
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] {
      for (int n = 0; n < 10; ++n)
        if (pusher.push_now()) ++took;
    });
  for (auto& each : threads) each.join();
  EXPECT_EQ(took, 80);
  std::thread first([&] { pusher.stop(); });
  pusher.stop();
  first.join();
}

// "In the child of a fork() there is no pusher …, nothing hangs."
TEST(PushEnds, IsNotInTheChildOfAFork) {
  if (stele::test::thread_sanitized) GTEST_SKIP() << stele::test::why_no_fork;
  push_stub server(say_yes);
  std::size_t const before = open_sockets().size();
  auto pusher = start({.url = server.url(), .job = "j", .interval = 1h});
  EXPECT_TRUE(soon([&] { return pusher.pushed() == 1; }));
  std::size_t const with_pusher = open_sockets().size();  // libcurl's, and the stub's end of it
  ASSERT_GT(with_pusher, before);
  EXPECT_EQ(in_child([&] {
              if (open_sockets().size() >= with_pusher) return false;
              if (pusher.push_now()) return false;
              pusher.stop();
              {
                auto const moved = std::move(pusher);
              }
              auto const own = stele::push_once<sample::table>({.url = server.url(), .job = "c"});
              if (!own) return false;
              auto another = start({.url = server.url(), .job = "d", .interval = 1h});
              return static_cast<bool>(another.push_now());
            }),
            0);
  EXPECT_TRUE(pusher.push_now());
  EXPECT_EQ(server.requests()[1].path, "/metrics/job/c");
}

}  // namespace
