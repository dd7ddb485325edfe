// A gather that is waited for by being told of its end, as the endpoint does.

#include "core/pending_gather.hpp"

#include <sample.hpp>
#include <stele/testing.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <optional>
#include <thread>

using sample::metric;
using stele::core::deadline_clock;
using stele::core::pending_gather;
using namespace std::chrono_literals;

namespace {

class waiter final : public stele::core::round_waiter {
 public:
  explicit waiter(std::function<void()> then) : then_(std::move(then)) {}
  void on_round_end() noexcept override {
    ++told;
    then_();
  }

  std::atomic<int> told{0};

 private:
  std::function<void()> then_;
};

stele::core::table_link* const tables[]{&stele::link_of<sample::table>};

deadline_clock::time_point late() { return deadline_clock::now() + 1h; }

/// Whether something comes true within a time that only a broken program needs.
template <class Condition>
bool in_time(Condition holds) {
  auto const end = deadline_clock::now() + 20s;
  while (deadline_clock::now() < end) {
    if (holds()) return true;
    std::this_thread::sleep_for(1ms);
  }
  return false;
}

}  // namespace

// What the waiter does may allocate, and a program's operator new may do anything.
TEST(PendingGather, TellsItsWaiterOnceAndWithNoLockHeld) {
  auto const fed = metric<"sample_queue_length">.read_from([] { return 7; });
  std::size_t inside = 0;
  waiter told([&] {
    auto const other = metric<"sample_events">.read_from([] { return 1; });
    inside = stele::gather<sample::table>().family_count();
  });
  {
    pending_gather gather(tables, late(), &told);
    ASSERT_TRUE(in_time([&] { return told.told == 1 && gather.ended(); }));
    EXPECT_EQ(gather.take().family_count(), inside);
  }
  EXPECT_EQ(told.told, 1);
}

TEST(PendingGather, DoesNotEndWhileItsWaiterIsBeingTold) {
  auto const fed = metric<"sample_queue_length">.read_from([] { return 7; });
  std::atomic<bool> returned{false};
  waiter told([&] {
    std::this_thread::sleep_for(30ms);
    returned = true;
  });
  {
    pending_gather const gather(tables, late(), &told);
    ASSERT_TRUE(in_time([&] { return told.told == 1; }));
  }
  EXPECT_TRUE(returned);
}

TEST(PendingGather, ThatIsGivenUpTellsNobody) {
  std::atomic<bool> open{false};
  std::atomic<bool> running{false};
  auto fed = metric<"sample_queue_length">.read_from([&] {
    running = true;
    while (!open) std::this_thread::yield();
    return 7;
  });
  waiter told([] {});
  {
    pending_gather const gather(tables, late(), &told);
    ASSERT_TRUE(in_time([&] { return running.load(); }));
  }
  open = true;
  fed.stop();  // waits for the call
  pending_gather gather(tables, late(), nullptr);
  gather.wait();
  EXPECT_EQ(told.told, 0);
}

// "Overlapping scrapes": each is told of its own.
TEST(PendingGather, AreToldManyAtOnce) {
  auto const fed = metric<"sample_queue_length">.read_from([] { return 7; });
  std::atomic<int> calls{0};
  auto const many = [&] {
    for (int i = 0; i < 300; ++i) {
      waiter told([&] { ++calls; });
      std::optional<pending_gather> gather;
      gather.emplace(tables, late(), &told);
      bool const waits = i % 2 == 0;
      EXPECT_TRUE(!waits || in_time([&] { return told.told == 1; }));
      gather.reset();
    }
  };
  std::thread other(many);
  many();
  other.join();
  EXPECT_GE(calls, 300);
  EXPECT_LE(calls, 600);
}
