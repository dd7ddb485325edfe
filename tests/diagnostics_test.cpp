// The one callback for what would otherwise be logged.

#include <sample.hpp>
#include <stele/testing.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using sample::metric;
using namespace std::chrono_literals;
using kind = stele::diagnostic::kind;

namespace {

struct seen_diagnostic {
  kind is;
  std::string metric;
  std::string message;
};

/// Takes reports for as long as it lives.
class listener {
 public:
  listener() {
    stele::on_diagnostic([this](stele::diagnostic const& each) {
      std::lock_guard const lock(mutex_);
      seen_.push_back({each.is, std::string(each.metric), std::string(each.message)});
    });
  }
  ~listener() { stele::on_diagnostic(nullptr); }

  std::vector<seen_diagnostic> take() {
    std::lock_guard const lock(mutex_);
    return std::exchange(seen_, {});
  }

 private:
  std::mutex mutex_;
  std::vector<seen_diagnostic> seen_;
};

/// What `act` is reported as. It is repeated, since an earlier test may have used up the row's
/// report of this second.
template <class Act>
seen_diagnostic report_of(listener& heard, Act act) {
  auto const end = std::chrono::steady_clock::now() + 20s;
  while (std::chrono::steady_clock::now() < end) {
    act();
    if (auto const seen = heard.take(); !seen.empty()) return seen.front();
    std::this_thread::sleep_for(20ms);
  }
  return {};
}

void refuse_one() { metric<"sample_wait_seconds_total">.inc(-1.0); }

void gather() { static_cast<void>(stele::gather<sample::table>({.deadline_ms = 20})); }

}  // namespace

TEST(Diagnostics, ArePrintedNowhereWithoutACallback) {
  testing::internal::CaptureStderr();
  testing::internal::CaptureStdout();
  refuse_one();
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
}

TEST(Diagnostics, NameTheRowOfARefusedUpdateAndHowManyThereWere) {
  listener heard;
  auto const seen = report_of(heard, refuse_one);
  EXPECT_EQ(seen.is, kind::refused);
  EXPECT_EQ(seen.metric, "sample_wait_seconds_total");
  EXPECT_NE(seen.message.find("an update was refused"), std::string::npos);
  EXPECT_NE(seen.message.find(" refused so far"), std::string::npos);
}

// "Of each row the first report of a kind is made at once, then at most one a second"
TEST(Diagnostics, AreAtMostOneASecondOfARow) {
  listener heard;
  auto const start = std::chrono::steady_clock::now();
  for (int i = 0; i < 10'000; ++i) refuse_one();
  auto const seconds =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - start)
          .count();
  EXPECT_LE(heard.take().size(), static_cast<std::size_t>(seconds + 1));
}

TEST(Diagnostics, OfOneRowDoNotKeepAnothersBack) {
  listener heard;
  for (int i = 0; i < 100; ++i) refuse_one();
  heard.take();
  // Nothing has been refused in this row before.
  metric<"sample_mode">.with({.mode = "sideways"}).set(1);
  auto const seen = heard.take();
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(seen.front().metric, "sample_mode");
}

TEST(Diagnostics, SayWhatACallbackThrew) {
  listener heard;
  auto reading = metric<"sample_queue_length">.read_from(
      []() -> int { throw std::runtime_error("the queue is gone"); });
  auto const seen = report_of(heard, gather);
  EXPECT_EQ(seen.is, kind::reading_threw);
  EXPECT_EQ(seen.metric, "sample_queue_length");
  EXPECT_NE(seen.message.find("the queue is gone"), std::string::npos);
}

TEST(Diagnostics, SayThatACallbackDoesNotReturn) {
  listener heard;
  std::atomic<bool> stop{false};
  auto reading = metric<"sample_events">.read_from([&] {
    while (!stop) std::this_thread::sleep_for(1ms);
    return 1;
  });
  auto const seen = report_of(heard, gather);
  EXPECT_EQ(seen.is, kind::reading_late);
  EXPECT_EQ(seen.metric, "sample_events");
  stop = true;
}

TEST(Diagnostics, SayWhySamplesWereRefused) {
  listener heard;
  auto reading = metric<"sample_sessions">.read_from([](auto& samples) {
    samples.add({.user = "ann"}, 1);
    samples.add({.user = "ann"}, 2);
  });
  auto const seen = report_of(heard, gather);
  EXPECT_EQ(seen.is, kind::refused);
  EXPECT_NE(seen.message.find("added twice"), std::string::npos);
}

TEST(Diagnostics, GoToTheCallbackThatWasSetLast) {
  std::atomic<int> first{0};
  listener heard;
  stele::on_diagnostic([&](stele::diagnostic const&) { ++first; });
  stele::on_diagnostic([&](stele::diagnostic const&) { ++first, ++first; });
  auto const end = std::chrono::steady_clock::now() + 20s;
  while (first == 0 && std::chrono::steady_clock::now() < end) {
    refuse_one();
    std::this_thread::sleep_for(20ms);
  }
  EXPECT_EQ(first, 2);
  EXPECT_TRUE(heard.take().empty());
}

// "on_diagnostic() may be called … from inside the callback"; an update that it refuses is counted.
TEST(Diagnostics, MayBeReplacedAndCausedInsideTheCallback) {
  auto const before = stele::testing::refused(metric<"sample_hold_seconds">);
  std::atomic<int> calls{0};
  auto captured = std::make_shared<int>(1);
  std::weak_ptr<int> const alive = captured;
  stele::on_diagnostic([&, captured = std::move(captured)](stele::diagnostic const&) {
    ++calls;
    metric<"sample_hold_seconds">.observe(-1.0);
    stele::on_diagnostic(nullptr);
  });
  auto const end = std::chrono::steady_clock::now() + 20s;
  while (calls == 0 && std::chrono::steady_clock::now() < end) {
    refuse_one();
    std::this_thread::sleep_for(20ms);
  }
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(stele::testing::refused(metric<"sample_hold_seconds">) - before, 1U);
  EXPECT_TRUE(alive.expired());
}

TEST(Diagnostics, AreNoReasonToFailWhenTheCallbackThrows) {
  std::atomic<int> calls{0};
  stele::on_diagnostic([&](stele::diagnostic const&) {
    ++calls;
    throw std::runtime_error("the log is full");
  });
  auto const end = std::chrono::steady_clock::now() + 20s;
  while (calls == 0 && std::chrono::steady_clock::now() < end) {
    refuse_one();
    std::this_thread::sleep_for(20ms);
  }
  stele::on_diagnostic(nullptr);
  EXPECT_EQ(calls, 1);
}

// "whose running calls it waits for"
TEST(Diagnostics, AreWaitedForWhenTheirCallbackIsReplaced) {
  std::atomic<bool> entered{false};
  bool returned = false;
  stele::on_diagnostic([&](stele::diagnostic const&) {
    entered = true;
    entered.notify_one();
    std::this_thread::sleep_for(30ms);
    returned = true;
  });
  std::thread other([&] {
    while (!entered) {
      refuse_one();
      std::this_thread::sleep_for(5ms);
    }
  });
  entered.wait(false);
  stele::on_diagnostic(nullptr);
  EXPECT_TRUE(returned);
  other.join();
}

TEST(Diagnostics, ARowThatIsFullSaysSo) {
  std::vector<std::string> seen;
  metric<"sample_visits_total">.limit_series(1);
  metric<"sample_visits_total">.with({.page = "first", .user = "u"}).inc();
  stele::on_diagnostic([&](stele::diagnostic const& each) {
    if (each.is == stele::diagnostic::kind::overflow) seen.emplace_back(each.message);
    metric<"sample_visits_total">.with({.page = "from the callback", .user = "u"}).inc();
  });
  metric<"sample_visits_total">.with({.page = "second", .user = "u"}).inc();
  stele::on_diagnostic(nullptr);
  metric<"sample_visits_total">.clear();
  metric<"sample_visits_total">.limit_series(stele::open_series_max);
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_NE(seen[0].find("limit_series()"), std::string::npos) << seen[0];
}

TEST(Diagnostics, MayBeReplacedByManyThreadsWhileOthersReport) {
  std::atomic<bool> stop{false};
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 2; ++thread) {
    threads.emplace_back([&] {
      while (!stop) {
        std::string local = "here";
        stele::on_diagnostic([&local](stele::diagnostic const&) { local += "x"; });
        stele::on_diagnostic(nullptr);
      }
    });
    threads.emplace_back([&] {
      while (!stop) {
        refuse_one();
        metric<"sample_jobs_total">.inc(-1);
      }
    });
  }
  std::this_thread::sleep_for(2500ms);
  stop = true;
  for (auto& each : threads) each.join();
  stele::on_diagnostic(nullptr);
}
