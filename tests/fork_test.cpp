// fork() without exec(): the child has the parent's values, no lock is left held, and it may start
// from zero.

#include <sample.hpp>
#include <stele/testing.hpp>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <string>
#include <thread>
#include <vector>

using sample::metric;
using stele::testing::value;
using namespace std::chrono_literals;

namespace {

/// Runs `check` in a child. 0 where it returned true; 1 where it returned false; -1 where the child
/// had to be ended after 20 seconds.
template <class Check>
int in_child(Check check) {
  pid_t const child = fork();
  if (child == 0) _exit(check() ? 0 : 1);
  auto const deadline = std::chrono::steady_clock::now() + 20s;
  int status = 0;
  while (waitpid(child, &status, WNOHANG) == 0) {
    if (std::chrono::steady_clock::now() > deadline) {
      kill(child, SIGKILL);
      waitpid(child, &status, 0);
      return -1;
    }
    std::this_thread::sleep_for(1ms);
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 2;
}

class Fork : public testing::Test {
 protected:
  void SetUp() override {
#if defined(STELE_DETAIL_TSAN)
    GTEST_SKIP() << "ThreadSanitizer does not follow threads into the child of a fork";
#endif
  }
};

}  // namespace

TEST_F(Fork, TheChildStartsFromWhatAllThreadsCounted) {
  auto const jobs = value(metric<"sample_jobs_total">);
  auto const held = value(metric<"sample_hold_seconds">);
  std::atomic<int> counted{0};
  std::atomic<bool> end{false};
  auto const visits = metric<"sample_visits_total">.with({.page = "/fork", .user = "u"});
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i)
    threads.emplace_back([&] {
      metric<"sample_jobs_total">.inc();
      metric<"sample_hold_seconds">.observe(2.0);
      metric<"sample_pause_seconds">.observe(2.0);
      metric<"sample_wide_total">.with({.x = "a", .y = "b", .z = "c"}).inc();
      visits.inc();
      ++counted;
      while (!end) std::this_thread::yield();
    });
  while (counted != 3) std::this_thread::yield();
  metric<"sample_jobs_total">.inc();
  visits.inc();
  EXPECT_EQ(in_child([&] {
              metric<"sample_jobs_total">.inc();
              visits.inc();
              auto const hold = value(metric<"sample_hold_seconds">);
              return value(metric<"sample_jobs_total">) == jobs + 5 && value(visits) == 5 &&
                     hold.count == held.count + 3 && hold.sum == held.sum + 6 &&
                     value(metric<"sample_pause_seconds">).count >= 3 &&
                     value(metric<"sample_wide_total">.with({.x = "a", .y = "b", .z = "c"})) == 3;
            }),
            0);
  end = true;
  for (auto& each : threads) each.join();
  EXPECT_EQ(value(metric<"sample_jobs_total">), jobs + 4);
  EXPECT_EQ(value(visits), 4U);
}

TEST_F(Fork, TheChildMayStartFromZero) {
  metric<"sample_jobs_total">.inc(7);
  metric<"sample_queue_length">.set(7);
  metric<"sample_hold_seconds">.observe(7);
  metric<"sample_pause_seconds">.observe(7);
  metric<"sample_wide_level">.with({.x = "a", .y = "b"}).set(7);
  auto const visits = metric<"sample_visits_total">.with({.page = "/zero", .user = "u"});
  visits.inc(7);
  EXPECT_EQ(in_child([&] {
              stele::start_from_zero<sample::table>();
              metric<"sample_jobs_total">.inc();
              visits.inc();
              auto const text = stele::testing::exposition<sample::table>();
              return value(metric<"sample_jobs_total">) == 1 && value(visits) == 1 &&
                     value(metric<"sample_queue_length">) == 0 &&
                     value(metric<"sample_hold_seconds">).count == 0 &&
                     value(metric<"sample_pause_seconds">).count == 0 &&
                     value(metric<"sample_wide_level">.with({.x = "a", .y = "b"})) == 0 &&
                     text.find("/fork") == std::string::npos;
            }),
            0);
  EXPECT_GE(value(metric<"sample_jobs_total">), 7U);
  EXPECT_EQ(value(visits), 7U);
}

// "71 of 100 children hung without this."
TEST_F(Fork, NoChildHangsWhateverTheOtherThreadsDo) {
  std::atomic<bool> end{false};
  std::vector<std::thread> threads;
  threads.emplace_back([&] {
    for (int n = 0; !end; ++n)
      metric<"sample_visits_total">.with({.page = std::to_string(n % 50), .user = "u"}).inc();
  });
  threads.emplace_back([&] {
    while (!end) static_cast<void>(stele::testing::exposition<sample::table>());
  });
  threads.emplace_back([&] {
    while (!end) {
      std::thread([] { metric<"sample_hold_seconds">.observe(1.0); }).join();
      metric<"sample_visits_total">.clear();
    }
  });
  int failed = 0;
  for (int i = 0; i < 100 && failed == 0; ++i)
    failed = in_child([] {
      metric<"sample_jobs_total">.inc();
      metric<"sample_visits_total">.with({.page = "child", .user = "u"}).inc();
      std::thread([] { metric<"sample_jobs_total">.inc(); }).join();
      return !stele::testing::exposition<sample::table>().empty();
    });
  EXPECT_EQ(failed, 0);
  end = true;
  for (auto& each : threads) each.join();
}

// "The endpoint does not exist in the child and says so."
TEST_F(Fork, TheChildHasNoEndpointAndTheParentKeepsIts) {
  auto endpoint = stele::serve<sample::table>({.port = 0});
  ASSERT_TRUE(endpoint);
  std::uint16_t const port = endpoint->port();
  EXPECT_EQ(in_child([&] {
              if (endpoint->port() != 0) return false;
              endpoint->stop();
              auto own = stele::serve<sample::table>({.port = 0});
              bool const serves = own && own->port() != 0;
              {
                auto const ended = std::move(*endpoint);
              }
              return serves;
            }),
            0);
  EXPECT_EQ(endpoint->port(), port);
  endpoint->stop();
}

TEST_F(Fork, TheChildDoesNotHoldThePort) {
  auto endpoint = stele::serve<sample::table>({.port = 0});
  ASSERT_TRUE(endpoint);
  std::uint16_t const port = endpoint->port();
  int hold[2];
  int here[2];
  ASSERT_EQ(pipe(hold), 0);
  ASSERT_EQ(pipe(here), 0);
  pid_t const child = fork();
  char byte = 0;
  if (child == 0) {  // says that it has run, and lives until the parent says so
    close(hold[1]);
    bool const said = write(here[1], "x", 1) == 1;
    _exit(said && read(hold[0], &byte, 1) == 0 ? 0 : 1);
  }
  ASSERT_EQ(read(here[0], &byte, 1), 1);
  endpoint->stop();
  EXPECT_TRUE(stele::serve<sample::table>({.port = port})) << "the child still listens";
  for (int const each : {hold[0], hold[1], here[0], here[1]}) close(each);
  int status = 0;
  waitpid(child, &status, 0);
}
