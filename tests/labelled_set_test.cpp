// Callbacks that give a labelled row's whole set.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "reading_case.hpp"

using sample::metric;
using stele::testing::refused;
using stele::testing::value;
using namespace reading_case;
using namespace std::chrono_literals;

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
