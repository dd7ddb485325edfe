// Rows with an open label: series that come, are bounded, and go.

#include <sample.hpp>
#include <stele/testing.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <limits>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "sanitized.hpp"

using sample::metric;
using stele::test::scale;
using stele::testing::exposition;
using stele::testing::value;
using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;

namespace {

std::string text() { return exposition<sample::table>(); }

auto visits(std::string_view page, std::string_view user = "u") {
  return metric<"sample_visits_total">.with({.page = page, .user = user});
}

class OpenLabels : public testing::Test {
 protected:
  void TearDown() override {
    metric<"sample_visits_total">.clear();
    metric<"sample_visits_total">.expire_after(0s);
    metric<"sample_visits_total">.limit_series(stele::open_series_max);
    metric<"sample_cache_total">.clear();
    metric<"sample_rooms">.clear();
    metric<"sample_rooms">.expire_after(0s);
  }
};

}  // namespace

// ---- Handles ------------------------------------------------------------------------------------

// "A handle works from any thread."
TEST_F(OpenLabels, AHandleOutlivesTheThreadThatMadeIt) {
  std::optional<decltype(visits(""))> kept;
  std::thread([&] {
    kept.emplace(visits("/a"));
    kept->inc();
  }).join();
  kept->inc();
  std::thread([copy = *kept] { copy.inc(); }).join();
  EXPECT_EQ(value(*kept), 3U);
  kept.reset();
  EXPECT_EQ(value(visits("/a")), 3U);
}

TEST_F(OpenLabels, AHandleMayBeAssignedAndMoved) {
  auto first = visits("/a");
  auto second = visits("/b");
  first = second;
  first.inc();
  second = std::move(first);
  second.inc();
  EXPECT_EQ(value(visits("/a")), 0U);
  EXPECT_EQ(value(visits("/b")), 2U);
}

TEST_F(OpenLabels, TextIsNotKeptByReference) {
  std::string page = "/before";
  auto const kept = visits(page);
  page = "/after!";
  kept.inc();
  EXPECT_EQ(value(visits("/before")), 1U);
}

TEST_F(OpenLabels, TheBorderBetweenTwoValuesCounts) {
  visits("ab", "c").inc();
  visits("a", "bc").inc(2);
  EXPECT_EQ(value(visits("ab", "c")), 1U);
  EXPECT_EQ(value(visits("a", "bc")), 2U);
}

// "Invalid UTF-8 is replaced before the look-up, so that two keys never print as one series."
TEST_F(OpenLabels, TwoInvalidTextsThatPrintAlikeAreOneSeries) {
  visits("\xFF").inc();
  visits("\xFE").inc();
  visits("\xEF\xBF\xBD").inc();
  EXPECT_THAT(text(), HasSubstr("sample_visits_total{page=\"\xEF\xBF\xBD\",user=\"u\"} 3\n"));
}

// ---- remove and clear ---------------------------------------------------------------------------

// "After remove(labels) the next increment through any handle starts the series anew at 0, which is
// counted."
TEST_F(OpenLabels, ARemovedSeriesIsGoneAndStartsAnew) {
  auto const kept = visits("/a");
  kept.inc(5);
  EXPECT_TRUE(metric<"sample_visits_total">.remove({.page = "/a", .user = "u"}));
  EXPECT_THAT(text(), Not(HasSubstr("page=\"/a\"")));
  EXPECT_EQ(value(kept), 0U);
  kept.inc();
  EXPECT_EQ(value(kept), 1U);
  kept.inc();
  visits("/a").inc();
  EXPECT_EQ(value(kept), 3U);
}

TEST_F(OpenLabels, ARemovedSeriesStartsAnewFromAnotherThreadToo) {
  auto const kept = visits("/a");
  kept.inc(5);
  metric<"sample_visits_total">.remove({.page = "/a", .user = "u"});
  std::thread([&] { kept.inc(); }).join();
  kept.inc();
  EXPECT_EQ(value(kept), 2U);
}

TEST_F(OpenLabels, RemovingWhatIsNotThereSaysSo) {
  EXPECT_FALSE(metric<"sample_visits_total">.remove({.page = "/never", .user = "u"}));
}

TEST_F(OpenLabels, ClearEndsAllSeriesOfTheRow) {
  auto const kept = visits("/0");
  for (int i = 0; i < 100; ++i) visits("/" + std::to_string(i)).inc();
  EXPECT_EQ(metric<"sample_visits_total">.clear(), 100U);
  EXPECT_THAT(text(), Not(HasSubstr("sample_visits_total{")));
  kept.inc();
  EXPECT_EQ(value(kept), 1U);
}

TEST_F(OpenLabels, ARemovedGaugeStartsAnew) {
  auto const rooms = metric<"sample_rooms">.with({.house = "a"});
  rooms.set(5);
  std::thread([&] { rooms.inc(); }).join();
  EXPECT_EQ(value(rooms), 6);
  metric<"sample_rooms">.remove({.house = "a"});
  rooms.inc();
  EXPECT_EQ(value(rooms), 1);
}

// What holds a gauge higher takes away what it added, and nothing from a series that started anew.
TEST_F(OpenLabels, ATrackerThatOutlivesItsSeriesDoesNotLowerTheNextOne) {
  auto const rooms = metric<"sample_rooms">.with({.house = "b"});
  {
    auto const busy = rooms.track();
    EXPECT_EQ(value(rooms), 1);
    metric<"sample_rooms">.remove({.house = "b"});
  }
  EXPECT_EQ(value(rooms), 0);
  rooms.set(5);
  std::optional busy(rooms.track());
  EXPECT_EQ(value(rooms), 6);
  std::thread([&] { busy.reset(); }).join();
  EXPECT_EQ(value(rooms), 5);
}

// "Removed series live until the last reader ends."
TEST_F(OpenLabels, ASnapshotStillShowsWhatWasRemovedAfterIt) {
  visits("/long/enough/to/be/in/memory/of/its/own").inc();
  auto const before = stele::gather<sample::table>();
  auto const also_before = stele::gather<sample::table>();
  metric<"sample_visits_total">.clear();
  for (int i = 0; i < 3; ++i) {  // later gathers and removals in between
    visits("/another").inc();
    static_cast<void>(text());
    metric<"sample_visits_total">.clear();
  }
  for (auto const* each : {&before, &also_before}) {
    std::string shown;
    stele::expose(*each, stele::format::text, [&](std::string_view chunk) { shown += chunk; });
    EXPECT_THAT(shown, HasSubstr("page=\"/long/enough/to/be/in/memory/of/its/own\",user=\"u\"} 1"));
  }
}

// ---- The bound ----------------------------------------------------------------------------------

// "A row has a series bound; past it the label with the most values becomes __overflow__."
TEST_F(OpenLabels, PastTheBoundTheLabelWithTheMostValuesOverflows) {
  auto const row = metric<"sample_cache_total">;
  row.limit_series(20);
  for (int i = 0; i < 50; ++i)
    row.with({.kind = "a", .path = "/" + std::to_string(i), .user = i % 2 == 0 ? "x" : "y"}).inc();
  EXPECT_EQ(value(row.with({.kind = "a", .path = "/19", .user = "y"})), 1U);
  EXPECT_EQ(value(row.with({.kind = "a", .path = "__overflow__", .user = "x"})), 15U);
  EXPECT_EQ(value(row.with({.kind = "a", .path = "__overflow__", .user = "y"})), 15U);
  EXPECT_THAT(text(), Not(HasSubstr("path=\"/20\"")));
}

TEST_F(OpenLabels, ManyValuesOfTheOtherLabelsOverflowTooInTheEnd) {
  auto const row = metric<"sample_cache_total">;
  row.limit_series(20);
  for (int i = 0; i < 20; ++i)
    row.with({.kind = "a", .path = std::to_string(i), .user = "x"}).inc();
  for (int i = 0; i < 1000; ++i)
    row.with({.kind = "b", .path = "new", .user = std::to_string(i)}).inc();
  EXPECT_EQ(value(row.with({.kind = "b", .path = "__overflow__", .user = "0"})), 1U);
  EXPECT_EQ(value(row.with({.kind = "b", .path = "__overflow__", .user = "__overflow__"})), 900U);
  EXPECT_EQ(row.clear(), 121U);  // 20, 100 that overflow in one label, 1 that does in all
}

TEST_F(OpenLabels, AHandlePastTheBoundCountsForTheOverflow) {
  metric<"sample_visits_total">.limit_series(1);
  visits("/first").inc();
  auto const kept = visits("/second");
  kept.inc();
  std::thread([&] { kept.inc(); }).join();
  EXPECT_EQ(value(kept), 2U);
  EXPECT_THAT(text(), HasSubstr("{page=\"__overflow__\",user=\"u\"} 2\n"));
}

TEST_F(OpenLabels, ARowThatIsFullLetsWhatIsIdleGoFirst) {
  metric<"sample_visits_total">.limit_series(2);
  metric<"sample_visits_total">.expire_after(1ms);
  visits("/a").inc();
  visits("/b").inc();
  static_cast<void>(text());
  static_cast<void>(text());
  std::this_thread::sleep_for(5ms);
  visits("/c").inc();
  EXPECT_THAT(text(), HasSubstr("{page=\"/c\",user=\"u\"} 1\n"));
}

// ---- Expiry -------------------------------------------------------------------------------------

TEST_F(OpenLabels, ASeriesThatIsIdleForLongerExpires) {
  metric<"sample_visits_total">.expire_after(1ms);
  auto const kept = visits("/a");
  kept.inc();
  for (int i = 0; i < 3; ++i) {
    static_cast<void>(text());
    std::this_thread::sleep_for(5ms);
  }
  EXPECT_THAT(text(), Not(HasSubstr("page=\"/a\"")));
  kept.inc();
  EXPECT_EQ(value(kept), 1U);
}

// "0 or less is never"; so is what is longer than the clock goes.
TEST_F(OpenLabels, AnExpiryOfZeroOrLessIsNever) {
  auto const kept = visits("/kept");
  kept.inc();
  auto const stays = [&](auto idle) {
    metric<"sample_visits_total">.expire_after(1ms);
    metric<"sample_visits_total">.expire_after(idle);
    for (int i = 0; i < 3; ++i) {
      std::this_thread::sleep_for(2ms);
      static_cast<void>(text());
    }
    return value(kept) == 1;
  };
  EXPECT_TRUE(stays(0s));
  EXPECT_TRUE(stays(-1ns));
  EXPECT_TRUE(stays(-1h));
  EXPECT_TRUE(stays(std::chrono::hours::min()));
  EXPECT_TRUE(stays(std::chrono::hours::max()));
  EXPECT_TRUE(stays(std::chrono::duration<double>(std::numeric_limits<double>::infinity())));
  EXPECT_TRUE(stays(std::chrono::duration<double>(std::numeric_limits<double>::quiet_NaN())));
  EXPECT_FALSE(stays(1ms));
}

// An update between two gathers counts as one at the later, however far they are apart.
TEST_F(OpenLabels, ASeriesThatIsUpdatedBetweenGathersDoesNotExpire) {
  metric<"sample_visits_total">.expire_after(1ms);
  metric<"sample_rooms">.expire_after(1ms);
  auto const page = visits("/a");
  auto const room = metric<"sample_rooms">.with({.house = "a"});
  for (unsigned i = 1; i <= 5; ++i) {
    page.inc();
    room.set(7);  // to what it is: an update all the same
    std::this_thread::sleep_for(3ms);
    EXPECT_EQ(value(page), i);
    EXPECT_EQ(value(room), 7);
  }
}

TEST_F(OpenLabels, WhatAnEndedThreadUpdatedIsSeenToo) {
  metric<"sample_visits_total">.expire_after(1ms);
  for (unsigned i = 1; i <= 5; ++i) {
    std::thread([] { visits("/a").inc(); }).join();
    std::this_thread::sleep_for(3ms);
    EXPECT_EQ(value(visits("/a")), i);
  }
}

// ---- Many threads -------------------------------------------------------------------------------

TEST_F(OpenLabels, NothingIsLostAmongManyThreadsAndKeys) {
  constexpr int threads = 8;
  int const rounds = 20'000 / scale;
  std::vector<std::thread> counting;
  for (int i = 0; i < threads; ++i)
    counting.emplace_back([&] {
      for (int n = 0; n < rounds; ++n) visits("/" + std::to_string(n % 200)).inc();
    });
  for (int i = 0; i < 20; ++i) static_cast<void>(text());
  for (auto& each : counting) each.join();
  std::uint64_t total = 0;
  for (int n = 0; n < 200; ++n) total += value(visits("/" + std::to_string(n)));
  EXPECT_EQ(total, std::uint64_t{threads} * static_cast<unsigned>(rounds));
}

// Removal, expiry and the bound while threads count through kept handles and new ones.
TEST_F(OpenLabels, RemovalsAmongUpdatesAndGathersHarmNobody) {
  auto const row = metric<"sample_visits_total">;
  row.limit_series(50);
  row.expire_after(1us);
  std::atomic<bool> stop{false};
  auto const shared = visits("/shared");
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i)
    threads.emplace_back([&, i] {
      for (int n = 0; !stop; ++n) {
        auto const mine = visits("/" + std::to_string(n % 100), std::to_string(i));
        mine.inc();
        shared.inc();
        std::optional copy(mine);
        std::thread([moved = std::move(*copy)] { moved.inc(); }).join();
        auto const busy = metric<"sample_rooms">.with({.house = std::to_string(n % 10)}).track();
      }
    });
  for (int i = 0; i < 300 / scale; ++i) {
    static_cast<void>(text());
    row.remove({.page = "/shared", .user = "u"});
    metric<"sample_rooms">.remove({.house = std::to_string(i % 10)});
    if (i % 10 == 0) row.clear();
  }
  stop = true;
  for (auto& each : threads) each.join();
  row.expire_after(0s);
  row.clear();
  shared.inc();
  EXPECT_EQ(value(shared), 1U);
}

// The look-up is unrolled for up to eight labels; a ninth takes the long way each time.
TEST_F(OpenLabels, ARowMayHaveMoreLabelsThanTheUnrolledLookUpTakes) {
  auto const with = [](std::string_view last) {
    return metric<"sample_nine_total">.with({.a = "1",
                                             .b = "2",
                                             .c = "3",
                                             .d = "4",
                                             .e = "5",
                                             .f = "6",
                                             .g = "7",
                                             .h = "8",
                                             .i = last});
  };
  with("9").inc(3);
  with("9").inc();
  with("").inc();
  EXPECT_EQ(value(with("9")), 4U);
  EXPECT_EQ(value(with("")), 1U);
}

// A default std::string_view has no data pointer.
TEST_F(OpenLabels, ATextWithoutMemoryIsTheEmptyText) {
  auto const with = [](std::string_view path) {
    return metric<"sample_mixed_total">.with({.kind = "a", .path = path});
  };
  with({}).inc();
  with("").inc();
  EXPECT_EQ(value(with({})), 2U);
  EXPECT_TRUE(metric<"sample_mixed_total">.remove({.kind = "a", .path = std::string_view()}));
  EXPECT_FALSE(metric<"sample_mixed_total">.remove({.kind = "a", .path = ""}));
}

// A handle that is made on one side and ends on another moves two numbers apart; their sum counts.
TEST_F(OpenLabels, HandlesThatAreMadeHereAndEndThereMayBeAnyNumber) {
  auto const kept = visits("/drift");
  stele::core::open_block& block = *kept.series().handle.made_with();
  constexpr std::int64_t drift = std::int64_t{1} << 33;  // as after so many of them
  block.own_handles += drift;
  block.other_handles -= drift;
  std::thread([&] {
    for (int i = 0; i < 3; ++i) static_cast<void>(decltype(kept)(kept));
    kept.inc();
  }).join();
  kept.inc();
  EXPECT_EQ(value(kept), 2U);
  EXPECT_EQ(block.own_handles + block.other_handles.load(), 1);
}
