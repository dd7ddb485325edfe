// fork() without exec(): the child has the parent's values, no lock is left held, and it may start
// from zero.

#include <sample.hpp>
#include <stele/testing.hpp>

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <numeric>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "core/histogram_reader.hpp"
#include "core/snapshot_pool.hpp"
#include "core/thread.hpp"
#include "in_child.hpp"
#include "sanitized.hpp"
#include "serve/fork.hpp"

using sample::metric;
using stele::testing::value;

namespace {

class Fork : public testing::Test {
 protected:
  void SetUp() override {
    if (stele::test::thread_sanitized) GTEST_SKIP() << stele::test::why_no_fork;
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

// "An exemplar that was counted in the parent's life does not belong to a series at 0."
TEST_F(Fork, TheChildThatStartsFromZeroHasNoExemplars) {
  metric<"sample_jobs_total">.inc(1, {{"trace_id", "parents"}});
  metric<"sample_hold_seconds">.observe(0.7, {{"trace_id", "parents"}});
  auto const visits = metric<"sample_visits_total">.with({.page = "/zero", .user = "e"});
  visits.inc(1, {{"trace_id", "parents"}});
  auto const has = [](char const* what) {
    return stele::testing::exposition<sample::table>(stele::format::openmetrics).find(what) !=
           std::string::npos;
  };
  EXPECT_TRUE(has("\"parents\""));
  EXPECT_EQ(in_child([&] {
              stele::start_from_zero<sample::table>();
              visits.inc();
              bool const kept = has("\"parents\"");
              metric<"sample_jobs_total">.inc(1, {{"trace_id", "childs"}});
              return !kept && has("\"childs\"");
            }),
            0);
  EXPECT_TRUE(has("\"parents\""));
}

// "They say what is so."
TEST_F(Fork, TheChildThatStartsFromZeroKeepsInfosAndStatesets) {
  metric<"sample_target_info">.set({.stage = "live"});
  metric<"sample_licensed_seconds_info">.set();
  metric<"sample_switch">.switch_to(sample::sample_switch::auto_);
  metric<"sample_node">.with({.node = "n"}).enable(sample::sample_node::up);
  std::string const lines = R"(
    sample_target_info{stage="live"} 1
    sample_licensed_seconds_info 1
    sample_switch{sample_switch="off"} 0
    sample_switch{sample_switch="on"} 0
    sample_switch{sample_switch="auto"} 1
    sample_node{node="n",sample_node="up"} 1
    sample_node{node="n",sample_node="down"} 0
  )";
  EXPECT_EQ(in_child([&] {
              stele::start_from_zero<sample::table>();
              return static_cast<bool>(stele::testing::exposes<sample::table>(
                  lines, {"sample_target_info", "sample_licensed_seconds_info", "sample_switch",
                          "sample_node"}));
            }),
            0);
}

TEST_F(Fork, TheChildThatStartsFromZeroHasGaugesAtZero) {
  metric<"sample_queue_length">.set(7);
  metric<"sample_temperature_celsius">.set(7.5);
  metric<"sample_mode">.with({.mode = sample::mode::fast}).set(1);
  metric<"sample_rooms">.with({.house = "zero"}).set(7);
  EXPECT_EQ(in_child([] {
              stele::start_from_zero<sample::table>();
              auto const text = stele::testing::exposition<sample::table>();
              return value(metric<"sample_queue_length">) == 0 &&
                     value(metric<"sample_temperature_celsius">) == 0 &&
                     value(metric<"sample_mode">.with({.mode = sample::mode::fast})) == 0 &&
                     text.find("house=\"zero\"") == std::string::npos;
            }),
            0);
}

TEST_F(Fork, TheChildThatStartsFromZeroHasItsCallbacks) {
  auto const reading = metric<"sample_events">.read_from([] { return 41; });
  EXPECT_EQ(in_child([] {
              stele::start_from_zero<sample::table>();
              return stele::testing::exposition<sample::table>().find("\nsample_events 41\n") !=
                     std::string::npos;
            }),
            0);
}

TEST_F(Fork, TheChildThatStartsFromZeroHasNoRefusals) {
  metric<"sample_jobs_total">.inc(-1);
  EXPECT_GE(stele::testing::refused(metric<"sample_jobs_total">), 1U);
  EXPECT_EQ(in_child([] {
              stele::start_from_zero<sample::table>();
              return stele::testing::refused(metric<"sample_jobs_total">) == 0;
            }),
            0);
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

namespace {

/// A link of a unit that has not used the table yet: its first use looks for the table.
void use_tables() {
  stele::core::table_link fresh{stele::link_of<sample::table>.info};
  static_cast<void>(stele::core::state_of(fresh));
}

void use_sockets() {
  stele::serving::parents_socket noted;
  int const opened = noted.open([] { return ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0); });
  if (opened < 0) return;
  noted.forget();
  ::close(opened);
}

}  // namespace

// Each by itself, so that it is held most of the time; all of src/core/fork.hpp, in its order.
TEST_F(Fork, TheChildFindsNoLockHeld) {
  using use_function = void (*)();
  std::vector<std::pair<char const*, use_function>> const uses{
      {"forks", [] { in_child([] { return true; }); }},
      {"sockets", use_sockets},
      {"readings", [] { static_cast<void>(metric<"sample_events">.read_from([] { return 1; })); }},
      {"tables", use_tables},
      {"a table", [] { metric<"sample_visits_total">.limit_series(10'000); }},
      {"snapshots", [] { stele::core::return_to_pool(stele::core::take_from_pool()); }},
      {"diagnostics", [] { stele::on_diagnostic(nullptr); }},
  };
  for (auto const& [name, use] : uses) {
    std::atomic<bool> end{false};
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i)
      threads.emplace_back([&] {
        while (!end) use();
      });
    int failed = 0;
    for (int i = 0; i < 30 && failed == 0; ++i)
      failed = in_child([&] {
        use();
        return true;
      });
    EXPECT_EQ(failed, 0) << name;
    end = true;
    for (auto& each : threads) each.join();
  }
}

// What a fork asks of other threads ends with it.
TEST_F(Fork, NothingIsCopiedAfterAFork) {
  namespace core = stele::core;
  using row = decltype(metric<"sample_hold_seconds">)::row;
  metric<"sample_hold_seconds">.observe(1.0);
  core::table_state& state = core::state_of(stele::link_of<sample::table>);
  core::attachment const& mine = *core::attachment_of_this_thread(state);
  auto const copied = [&] {
    auto& copy = core::owners_copy(row::about, core::shadows_of(state.info, row::index, mine.slab));
    return std::accumulate(copy.counts(), copy.counts() + row::about.bounds.size() + 1,
                           std::uint64_t{0});
  };
  std::atomic<bool> end{false};
  std::thread forks([&] {
    while (!end) in_child([] { return true; });
  });
  std::uint64_t const before = copied();
  while (copied() == before) metric<"sample_hold_seconds">.observe(1.0);
  end = true;
  forks.join();
  std::uint64_t const after = copied();
  metric<"sample_hold_seconds">.observe(1.0);
  EXPECT_EQ(copied(), after);
}

// An exemplar's place that another thread was writing to is not taken for ever.
TEST_F(Fork, TheChildTakesExemplarsWhereOtherThreadsWereTakingThem) {
  std::atomic<bool> end{false};
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i)
    threads.emplace_back([&] {
      auto const visits = metric<"sample_visits_total">.with({.page = "/exemplar", .user = "u"});
      while (!end) {
        metric<"sample_jobs_total">.inc(1, {{"trace_id", "parent"}});
        visits.inc(1, {{"trace_id", "parent"}});
      }
    });
  int failed = 0;
  for (int i = 0; i < 100 && failed == 0; ++i)
    failed = in_child([] {
      metric<"sample_jobs_total">.inc(1, {{"trace_id", "child"}});
      metric<"sample_visits_total">
          .with({.page = "/exemplar", .user = "u"})
          .inc(1, {{"trace_id", "child"}});
      auto const text = stele::testing::exposition<sample::table>(stele::format::openmetrics);
      auto const first = text.find("trace_id=\"child\"");
      return first != std::string::npos &&
             text.find("trace_id=\"child\"", first + 1) != std::string::npos;
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
