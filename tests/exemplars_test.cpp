// Exemplars: stated at a call, and taken by themselves from a source.

#include <sample.hpp>
#include <stele/testing.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "sanitized.hpp"

using sample::metric;
using stele::testing::exposition;
using stele::testing::refused;
using stele::testing::value;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

namespace {

std::string openmetrics() { return exposition<sample::table>(stele::format::openmetrics); }

/// A source for the scope of a test.
class scoped_source {
 public:
  template <class Callback>
  explicit scoped_source(Callback callback) {
    stele::set_exemplar_source(std::move(callback));
  }
  ~scoped_source() { stele::clear_exemplar_source(); }
};

}  // namespace

// OpenMetrics, "Exemplars": ` # {labels} value timestamp` behind the sample.
TEST(Exemplars, OfACounterStandBehindItsSample) {
  metric<"sample_jobs_total">.inc(2, {{"trace_id", "abc"}, {"span_id", "d\"e\\f\n"}});
  EXPECT_THAT(openmetrics(), HasSubstr(R"( # {trace_id="abc",span_id="d\"e\\f\n"} 2.0 1)"));
  EXPECT_THAT(openmetrics(), ContainsRegex("\\} 2\\.0 1[0-9]+\\.[0-9][0-9][0-9]\n"));
}

// "Text 0.0.4: no exemplars."
TEST(Exemplars, AreNotInText) {
  metric<"sample_jobs_total">.inc(1, {{"trace_id", "abc"}});
  EXPECT_THAT(exposition<sample::table>(), Not(HasSubstr("trace_id")));
}

TEST(Exemplars, TheLastOneStays) {
  metric<"sample_jobs_total">.inc(1, {{"trace_id", "first"}});
  metric<"sample_jobs_total">.inc(
      1, {{"trace_id", "second-that-is-much-longer-than-the-first-" + std::string(60, 'x')}});
  auto const text = openmetrics();
  EXPECT_THAT(text, HasSubstr("trace_id=\"second"));
  EXPECT_THAT(text, Not(HasSubstr("trace_id=\"first")));
}

TEST(Exemplars, OfSeriesWithLabelsAreTheSeriesOwn) {
  metric<"sample_transfers_total">.with({.direction = sample::direction::in})
      .inc(1, {{"trace_id", "inward"}});
  metric<"sample_visits_total">.with({.page = "/e", .user = "u"}).inc(1, {{"trace_id", "visit"}});
  metric<"sample_visits_total">.with({.page = "/f", .user = "u"}).inc();
  auto const text = openmetrics();
  EXPECT_THAT(text, ContainsRegex("direction=\"in\"\\} [0-9]+ # \\{trace_id=\"inward\"\\} 1.0"));
  EXPECT_THAT(text, ContainsRegex("direction=\"out\"\\} [0-9]+\n"));
  EXPECT_THAT(text, ContainsRegex("page=\"/e\",user=\"u\"\\} 1 # \\{trace_id=\"visit\"\\} 1.0"));
  EXPECT_THAT(text, ContainsRegex("page=\"/f\",user=\"u\"\\} 1\n"));
}

TEST(Exemplars, GoWithARemovedSeriesAndAfterAThread) {
  auto const kept = metric<"sample_visits_total">.with({.page = "/gone", .user = "u"});
  std::thread([&] { kept.inc(1, {{"trace_id", "of-a-thread"}}); }).join();
  EXPECT_THAT(openmetrics(), HasSubstr("of-a-thread"));
  metric<"sample_visits_total">.remove({.page = "/gone", .user = "u"});
  kept.inc();
  EXPECT_THAT(openmetrics(), Not(HasSubstr("of-a-thread")));
}

namespace {

std::string repeated(std::string_view text, int count) {
  std::string made;
  for (int i = 0; i < count; ++i) made += text;
  return made;
}

/// Whether an exemplar of the row with these labels is shown; else it must be refused. The update
/// is counted in any case.
bool is_taken(stele::exemplar_labels labels) {
  auto const& jobs = metric<"sample_jobs_total">;
  auto const before = value(jobs);
  auto const refused_before = refused(jobs);
  jobs.inc(1, labels);
  EXPECT_EQ(value(jobs), before + 1);
  bool const taken = refused(jobs) == refused_before;
  std::string shown = "sample_jobs_total " + std::to_string(before + 1) + " # {";
  for (auto const& each : labels)
    shown += (shown.back() == '{' ? "" : ",") + std::string(each.name) + "=\"" +
             std::string(each.value) + '"';
  EXPECT_EQ(openmetrics().find(shown) != std::string::npos, taken) << shown;
  EXPECT_EQ(refused(jobs) - refused_before, taken ? 0U : 1U);
  return taken;
}

}  // namespace

// "The combined length of the label names and values of an Exemplar's LabelSet MUST NOT exceed 128
// UTF-8 character code points."
TEST(Exemplars, HaveAtMost128CodePointsInNamesAndValues) {
  // One, two, three and four bytes a code point; the name has 8.
  for (auto const* each : {"a", "\u00e4", "\u20ac", "\U0001f5ff"}) {
    EXPECT_TRUE(is_taken({{"trace_id", repeated(each, 120)}})) << each;
    EXPECT_FALSE(is_taken({{"trace_id", repeated(each, 121)}})) << each;
  }
  EXPECT_TRUE(is_taken({{"a", repeated("\U0001f5ff", 127)}}));
  EXPECT_TRUE(is_taken({{repeated("a", 128), ""}}));
  EXPECT_FALSE(is_taken({{repeated("a", 129), ""}}));
  EXPECT_TRUE(is_taken({{"trace_id", repeated("a", 56)}, {"span", repeated("b", 60)}}));
  EXPECT_FALSE(is_taken({{"trace_id", repeated("a", 56)}, {"span", repeated("b", 61)}}));
  EXPECT_FALSE(is_taken({{"trace_id", std::string(100'000, 'x')}}));
}

TEST(Exemplars, OfManyShortLabelsHaveRoom) {
  std::vector<std::string> names;
  for (char first = 'A'; first <= 'Z'; ++first) {
    names.emplace_back(1, first);
    names.emplace_back(1, static_cast<char>(first - 'A' + 'a'));
  }
  scoped_source const source([&](stele::exemplar_writer& labels) {
    for (auto const& each : names) labels.add(each, "x");
  });
  static_cast<void>(openmetrics());
  metric<"sample_wait_seconds_total">.inc(1);
  EXPECT_THAT(openmetrics(), HasSubstr(R"(Z="x",z="x"} 1.0)"));
}

// "A LabelSet MUST NOT contain duplicate label names"; and names are label names.
TEST(Exemplars, HaveEachNameOnce) {
  EXPECT_TRUE(is_taken({{"trace_id", "a"}, {"trace", "trace_id"}, {"id", "trace_id"}}));
  EXPECT_FALSE(is_taken({{"trace_id", "a"}, {"trace_id", "b"}}));
  EXPECT_FALSE(is_taken({{"trace_id", "a"}, {"span_id", "c"}, {"trace_id", "a"}}));
  EXPECT_FALSE(is_taken({{"trace_id", ""}, {"trace_id", ""}}));
}

TEST(Exemplars, HaveLabelNames) {
  for (auto const* name : {"", "trace-id", "1", "a:b", "__trace", "tr\u00e4ce", "a b", "a\"b"})
    EXPECT_FALSE(is_taken({{name, "abc"}})) << name;
  EXPECT_FALSE(is_taken({{"trace_id", "a"}, {"trace-id", "b"}}));
  EXPECT_TRUE(is_taken({{"_", "a"}}));
}

TEST(Exemplars, ThatAreRefusedAreReported) {
  std::string seen;
  stele::on_diagnostic([&](stele::diagnostic const& each) {
    seen = std::string(each.metric) + ": " + std::string(each.message);
  });
  // Nothing else is refused in this row here.
  auto const series = metric<"sample_transfers_total">.with({.direction = "in"});
  series.inc(1, {{"trace_id", "a"}, {"trace_id", "b"}});
  stele::on_diagnostic(nullptr);
  EXPECT_THAT(seen, HasSubstr("sample_transfers_total: an exemplar was refused, and its update "
                              "counted: label names must be valid, each once"));
}

TEST(Exemplars, OfARefusedIncrementAreNotTaken) {
  metric<"sample_wait_seconds_total">.inc(1.0, {{"trace_id", "taken"}});
  metric<"sample_wait_seconds_total">.inc(-1.0, {{"trace_id", "not-taken"}});
  EXPECT_THAT(openmetrics(), HasSubstr("trace_id=\"taken\""));
  EXPECT_THAT(openmetrics(), Not(HasSubstr("not-taken")));
}

// The source of one thread's sample may end the very series that is being updated.
TEST(Exemplars, ASourceMayEndTheSeriesItIsAskedFor) {
  auto const row = metric<"sample_visits_total">;
  auto const kept = row.with({.page = "/ends", .user = "u"});
  scoped_source const source([&](stele::exemplar_writer& labels) {
    row.clear();
    for (int i = 0; i < 50; ++i) row.with({.page = std::to_string(i), .user = "u"}).inc();
    row.clear();
    row.with({.page = "/another", .user = "u"}).inc();
    labels.add("trace_id", "late");
  });
  std::thread([&] {
    kept.inc();
    kept.inc();
  }).join();
  EXPECT_EQ(value(row.with({.page = "/another", .user = "u"})), 1U);
  row.clear();
}

// Without a source every thread goes the short way, one that starts after a source was taken away
// too.
TEST(Exemplars, WithoutASourceNewThreadsGoTheShortWay) {
  {
    scoped_source const source([](stele::exemplar_writer&) {});
  }
  std::thread([] {
    metric<"sample_jobs_total">.inc();
    EXPECT_NE(stele::own_slab<sample::table>(), nullptr);
  }).join();
}

TEST(Exemplars, WhatIsNotUtf8IsReplaced) {
  metric<"sample_jobs_total">.inc(1, {{"trace_id", std::string_view("a\xFF\0b", 4)}});
  EXPECT_THAT(openmetrics(), HasSubstr("trace_id=\"a\xEF\xBF\xBD\xEF\xBF\xBD"
                                       "b\""));
}

// "Its value lies in its bucket; one a bucket."
TEST(Exemplars, OfAHistogramStandBehindTheBucketOfTheirValue) {
  metric<"sample_hold_seconds">.observe(0.25, {{"trace_id", "quarter"}});
  metric<"sample_hold_seconds">.observe(1e9, {{"trace_id", "huge"}});
  metric<"sample_hold_seconds">.observe(-1, {{"trace_id", "refused"}});
  auto const text = openmetrics();
  EXPECT_THAT(text, ContainsRegex("le=\"0.5\"} [0-9]+ # .trace_id=\"quarter\"} 0.25 "));
  EXPECT_THAT(text, ContainsRegex("le=\".Inf\"} [0-9]+ # .trace_id=\"huge\"} 1e.09 "));
  EXPECT_THAT(text, ContainsRegex("le=\"1.0\"} [0-9]+\n"));
  EXPECT_THAT(text, Not(HasSubstr("trace_id=\"refused\"")));
}

TEST(Exemplars, MayBeStatedWhenATimerStops) {
  metric<"sample_hold_seconds">.time().stop({{"trace_id", "timed"}});
  EXPECT_THAT(openmetrics(), HasSubstr("trace_id=\"timed\""));
}

// ---- From a source ------------------------------------------------------------------------------

TEST(Exemplars, ComeFromTheSourceOnceAGather) {
  std::atomic<int> asked{0};
  scoped_source const source([&](stele::exemplar_writer& labels) {
    labels.add("trace_id", "auto-" + std::to_string(++asked));
  });
  for (int i = 0; i < 1000; ++i) metric<"sample_wait_seconds_total">.inc(0.5);
  EXPECT_EQ(asked, 1);
  EXPECT_THAT(openmetrics(),
              ContainsRegex("sample_wait_seconds_total [^\n]+# \\{trace_id=\"auto-1\"\\} 0\\.5 "));
  for (int i = 0; i < 1000; ++i) metric<"sample_wait_seconds_total">.inc(0.25);
  EXPECT_EQ(asked, 2);
  EXPECT_THAT(openmetrics(), HasSubstr("trace_id=\"auto-2\"} 0.25 "));
}

TEST(Exemplars, OfSeriesWithLabelsComeFromTheSourceToo) {
  scoped_source const source(
      [](stele::exemplar_writer& labels) { labels.add("trace_id", "of-the-source"); });
  auto const kept = metric<"sample_visits_total">.with({.page = "/kept", .user = "u"});
  static_cast<void>(openmetrics());
  kept.inc();
  metric<"sample_visits_total">.with({.page = "/found", .user = "u"}).inc();
  metric<"sample_transfers_total">.with({.direction = sample::direction::out}).inc();
  metric<"sample_open_latency_seconds">.with({.path = "/source"}).observe(0.5);
  auto const text = openmetrics();
  EXPECT_THAT(text, ContainsRegex("le=\"1.0\"\\} 1 # \\{trace_id=\"of-the-source\"\\} 0.5"));
  EXPECT_THAT(text, ContainsRegex("page=\"/kept\",user=\"u\"\\} 1 # \\{trace_id=\"of-the-source"));
  EXPECT_THAT(text, ContainsRegex("page=\"/found\",user=\"u\"\\} 1 # \\{trace_id=\"of-the-sour"));
  EXPECT_THAT(text, ContainsRegex("direction=\"out\"\\} [0-9]+ # \\{trace_id=\"of-the-source"));
}

TEST(Exemplars, ASourceMayCountAndMayHaveNone) {
  scoped_source const source(
      [](stele::exemplar_writer&) { metric<"sample_wait_seconds_total">.inc(1); });
  auto const before = value(metric<"sample_wait_seconds_total">);
  metric<"sample_wait_seconds_total">.inc(1);
  EXPECT_EQ(value(metric<"sample_wait_seconds_total">), before + 2);
}

TEST(Exemplars, ASourceThatThrowsGivesNone) {
  auto const before = refused(metric<"sample_events">);
  scoped_source const source([](stele::exemplar_writer& labels) {
    labels.add("trace_id", "half");
    throw std::runtime_error("no trace");
  });
  metric<"sample_events">.inc();
  EXPECT_EQ(refused(metric<"sample_events">), before + 1);
}

// "Sampled so that the hot path keeps its price": after its samples a thread goes the short way.
TEST(Exemplars, AfterItsSamplesAThreadGoesTheShortWayAgain) {
  scoped_source const source(
      [](stele::exemplar_writer& labels) { labels.add("trace_id", "sampled"); });
  metric<"sample_jobs_total">.inc();
  EXPECT_EQ(stele::own_slab<sample::table>(), nullptr);
  for (int i = 0; i < 70'000; ++i) metric<"sample_jobs_total">.inc();
  EXPECT_NE(stele::own_slab<sample::table>(), nullptr);
  static_cast<void>(openmetrics());
  EXPECT_EQ(stele::own_slab<sample::table>(), nullptr);
}

TEST(Exemplars, NothingIsLostWhileSamplesAreTaken) {
  scoped_source const source(
      [](stele::exemplar_writer& labels) { labels.add("trace_id", "sampled"); });
  auto const counted = metric<"sample_visits_total">.with({.page = "/busy", .user = "u"});
  auto const before = value(metric<"sample_jobs_total">);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (int n = 0; n < 20'000; ++n) {
        metric<"sample_jobs_total">.inc();
        counted.inc(1, {{"trace_id", "stated"}});
      }
    });
  for (int i = 0; i < 30; ++i) static_cast<void>(openmetrics());
  for (auto& each : threads) each.join();
  EXPECT_EQ(value(metric<"sample_jobs_total">), before + 80'000);
  EXPECT_EQ(value(counted), 80'000U);
}

namespace {

/// Of each exemplar that is shown whose label is `name`: the label's value, and the exemplar's.
std::vector<std::pair<std::string, std::string>> shown_exemplars(std::string_view name) {
  std::string const text = openmetrics();
  std::string const before = "{" + std::string(name) + "=\"";
  std::vector<std::pair<std::string, std::string>> found;
  for (auto at = text.find(before); at != std::string::npos; at = text.find(before, at)) {
    at += before.size();
    auto const end = text.find("\"} ", at);
    auto const value = end + 3;
    found.emplace_back(text.substr(at, end - at),
                       text.substr(value, text.find(' ', value) - value));
  }
  return found;
}

/// A number whose text, as an exemplar's label, is short or long: a reader that took half of one
/// exemplar and half of another would see it.
double number_of(int writer, int n) {
  double const small = writer + 0.5;
  return n % 2 == 0 ? small : small + 1e9 * (n % 997 + 1);
}

std::string text_of(double value) {
  std::array<char, 64> text{};
  return {text.data(), static_cast<std::size_t>(std::snprintf(text.data(), 64, "%.1f", value))};
}

}  // namespace

// Label, value and time of an exemplar are several words, which other threads may be writing.
TEST(Exemplars, LabelAndValueBelongTogetherWhileOthersWrite) {
  std::atomic<bool> stop{false};
  std::vector<std::thread> writers;
  for (int writer = 0; writer < 3; ++writer)
    writers.emplace_back([&stop, writer] {
      auto const visits = metric<"sample_open_latency_seconds">.with({.path = "/together"});
      for (int n = 0; !stop; ++n) {
        double const number = number_of(writer, n);
        std::string const label = text_of(number);
        metric<"sample_wait_seconds_total">.inc(number, {{"together", label}});
        visits.observe(number, {{"together", label}});
      }
    });
  // Gathers between which nobody wrote show nothing: on a busy machine there are many.
  int changes = 0;
  std::vector<std::pair<std::string, std::string>> before;
  auto const deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (changes < 100'000 / stele::test::scale && !HasFailure() &&
         std::chrono::steady_clock::now() < deadline) {
    auto shown = shown_exemplars("together");
    for (auto const& [label, value] : shown) EXPECT_EQ(text_of(std::stod(value)), label);
    if (shown == before) continue;
    ++changes;
    before = std::move(shown);
  }
  stop = true;
  for (auto& each : writers) each.join();
  EXPECT_GT(changes, 10);
}
