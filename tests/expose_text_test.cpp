// Text 0.0.4, against "Exposition formats" of the Prometheus documentation.

#include <sample.hpp>
#include <stele/testing.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <clocale>
#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

using sample::metric;

namespace {

std::string text() { return stele::testing::exposition<sample::table>(stele::format::text); }

/// The lines of one family, from its HELP to the next one's.
std::string family(std::string_view name) {
  std::string const all = text();
  std::size_t const start = all.find("# HELP " + std::string(name) + " ");
  if (start == std::string::npos) return {};
  return all.substr(start, all.find("# HELP", start + 1) - start);
}

/// The families, in the order of their TYPE lines.
std::vector<std::string> family_names(std::string const& all) {
  std::vector<std::string> names;
  for (std::size_t at = all.find("# TYPE "); at != std::string::npos;
       at = all.find("# TYPE ", at)) {
    at += 7;
    names.push_back(all.substr(at, all.find(' ', at) - at));
  }
  return names;
}

}  // namespace

TEST(ExposeText, WritesHelpThenTypeThenSamples) {
  metric<"sample_queue_length">.set(-3);
  EXPECT_EQ(family("sample_queue_length"),
            "# HELP sample_queue_length Jobs that wait.\n"
            "# TYPE sample_queue_length gauge\n"
            "sample_queue_length -3\n");
}

// "HELP escapes `\\` and `\n` only."
TEST(ExposeText, EscapesBackslashesButNotQuotesInHelp) {
  metric<"sample_escapes">.set(0);
  EXPECT_EQ(family("sample_escapes").substr(0, family("sample_escapes").find('\n')),
            R"(# HELP sample_escapes A "quote", a back\\slash.)");
}

// "label values escape `\\`, `\"`, `\n`."
TEST(ExposeText, EscapesLabelValues) {
  metric<"sample_sessions">.with({.user = "a\\b\"c\nd"}).set(1);
  EXPECT_NE(text().find("sample_sessions{user=\"a\\\\b\\\"c\\nd\"} 1\n"), std::string::npos);
}

// "Invalid UTF-8 or NUL must never come out."
TEST(ExposeText, NeverShowsNulOrInvalidUtf8) {
  using namespace std::string_view_literals;
  metric<"sample_sessions">.with({.user = "nul\0end"sv}).set(1);
  metric<"sample_sessions">.with({.user = "lone\xC3"}).set(1);
  std::string const all = text();
  EXPECT_EQ(all.find('\0'), std::string::npos);
  EXPECT_NE(all.find("{user=\"nul\xEF\xBF\xBD"
                     "end\"}"),
            std::string::npos);
  EXPECT_NE(all.find("{user=\"lone\xEF\xBF\xBD\"}"), std::string::npos);
}

// "Histogram: `le` ascending, `+Inf` present and equal to `_count`."
TEST(ExposeText, WritesCumulativeBuckets) {
  metric<"sample_hold_seconds">.observe(0.5);
  metric<"sample_hold_seconds">.observe(2e6);
  EXPECT_EQ(family("sample_hold_seconds"),
            "# HELP sample_hold_seconds Time held.\n"
            "# TYPE sample_hold_seconds histogram\n"
            "sample_hold_seconds_bucket{le=\"0.001\"} 0\n"
            "sample_hold_seconds_bucket{le=\"0.5\"} 1\n"
            "sample_hold_seconds_bucket{le=\"1\"} 1\n"
            "sample_hold_seconds_bucket{le=\"1e+06\"} 1\n"
            "sample_hold_seconds_bucket{le=\"+Inf\"} 2\n"
            "sample_hold_seconds_sum 2.0000005e+06\n"
            "sample_hold_seconds_count 2\n");
}

// "quantiles ascending, `NaN` when there is none, with `_sum 0` and `_count 0`."
TEST(ExposeText, WritesAnEmptySummary) {
  static_cast<void>(metric<"sample_open_pause_seconds">.with({.cause = "none"}));
  EXPECT_EQ(family("sample_open_pause_seconds"),
            "# HELP sample_open_pause_seconds Pauses by cause.\n"
            "# TYPE sample_open_pause_seconds summary\n"
            "sample_open_pause_seconds{cause=\"none\",quantile=\"0\"} NaN\n"
            "sample_open_pause_seconds{cause=\"none\",quantile=\"0.5\"} NaN\n"
            "sample_open_pause_seconds{cause=\"none\",quantile=\"1\"} NaN\n"
            "sample_open_pause_seconds_sum{cause=\"none\"} 0\n"
            "sample_open_pause_seconds_count{cause=\"none\"} 0\n");
}

TEST(ExposeText, KeepsTotalInTheFamilysName) {
  metric<"sample_transfers_total">.with({.direction = "in"}).inc(0);
  EXPECT_NE(text().find("# TYPE sample_transfers_total counter\n"), std::string::npos);
}

TEST(ExposeText, FamiliesAreSortedAndOneGroupEach) {
  std::string const all = text();
  auto const names = family_names(all);
  EXPECT_FALSE(names.empty());
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), names.size());
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
  EXPECT_EQ(all.back(), '\n');
}

TEST(ExposeText, DoesNotDependOnTheLocale) {
  metric<"sample_temperature_celsius">.set(1234567.5);
  char const* const found = std::setlocale(LC_ALL, "de_DE.UTF-8");
  std::string const all = text();
  std::setlocale(LC_ALL, "C");
  EXPECT_NE(all.find("sample_temperature_celsius 1.2345675e+06\n"), std::string::npos);
  if (found == nullptr) GTEST_SKIP() << "the locale de_DE.UTF-8 is not installed";
}

TEST(ExposeText, AFamilyWithoutSeriesIsLeftOut) {
  volatile bool const never = false;
  if (never)  // exposes the row, makes no series
    static_cast<void>(metric<"sample_keywords_total">.with({.class_ = "", .new_ = ""}));
  EXPECT_EQ(text().find("sample_keywords_total"), std::string::npos);
}

// "HELP then TYPE, once a family, before its samples": wherever a chunk ends.
TEST(ExposeText, StatesEachFamilyOnceWhereverAChunkEnds) {
  std::string const border(65'000, 'x');  // brings the first family near the border
  metric<"sample_keywords_total">.with({.class_ = border, .new_ = ""}).inc(0);
  std::size_t sizes = 0;
  for (int i = 0; i < 2500; ++i) {
    metric<"sample_keywords_total">.with({.class_ = "", .new_ = std::to_string(i)}).inc(0);
    if (i % 10 != 0 && i > 100) continue;
    std::string const all = text();
    auto const names = family_names(all);
    ASSERT_EQ(std::adjacent_find(names.begin(), names.end()), names.end()) << all.size();
    ++sizes;
  }
  EXPECT_GT(sizes, 300U);
}

TEST(ExposeText, ComesInChunksOfAtMost64KiBThatJoinToTheWhole) {
  for (int i = 0; i < 3000; ++i)
    metric<"sample_requests_total">.with({.code = "200", .path = "/chunks/" + std::to_string(i)}).inc();
  std::string joined;
  std::size_t chunks = 0;
  stele::expose(stele::gather<sample::table>(), stele::format::text, [&](std::string_view chunk) {
    EXPECT_LE(chunk.size(), 64U * 1024);
    joined += chunk;
    ++chunks;
  });
  EXPECT_GT(chunks, 2U);
  EXPECT_EQ(joined, text());
  for (int i = 0; i < 3000; ++i)
    ASSERT_NE(joined.find("path=\"/chunks/" + std::to_string(i) + "\"} 1\n"), std::string::npos);
}

// A snapshot shows pages of labels to which a series that is new at the same time adds its own.
TEST(ExposeText, ShowsASnapshotWhileSeriesAreMade) {
  std::atomic<bool> stop{false};
  std::thread making([&] {
    for (int i = 0; i < 5'000 && !stop; ++i)
      metric<"sample_rooms">.with({.house = "h" + std::to_string(i)}).set(i);
  });
  std::size_t seen = 0;
  for (int i = 0; i < 50; ++i) {
    std::string const text = stele::testing::exposition<sample::table>();
    std::size_t count = 0;
    for (std::size_t at = text.find("\nsample_rooms{"); at != std::string::npos;
         at = text.find("\nsample_rooms{", at + 1)) {
      std::string const number = std::to_string(count++);
      std::string const line = text.substr(at + 1, text.find('\n', at + 1) - at - 1);
      // A series is there before its first value.
      ASSERT_TRUE(line == "sample_rooms{house=\"h" + number + "\"} " + number ||
                  line == "sample_rooms{house=\"h" + number + "\"} 0")
          << line;
    }
    ASSERT_GE(count, seen);
    seen = count;
  }
  stop = true;
  making.join();
  metric<"sample_rooms">.clear();
}

// Lines that are longer than a chunk are handed out in several.
TEST(ExposeText, ShowsLinesOfAnyLength) {
  std::string const path(1'000'000, 'p');
  metric<"sample_open_latency_seconds">.with({.path = path}).observe(0.5);
  std::string const text = stele::testing::exposition<sample::table>();
  std::string expected;
  for (std::string const bucket : {"0.1\"} 0", "1\"} 1", "+Inf\"} 1"})
    expected.append("sample_open_latency_seconds_bucket{path=\"").append(path).append("\",le=\"") +=
        bucket + "\n";
  expected.append("sample_open_latency_seconds_sum{path=\"").append(path).append("\"} 0.5\n");
  expected.append("sample_open_latency_seconds_count{path=\"").append(path).append("\"} 1\n");
  EXPECT_NE(text.find(expected), std::string::npos);
  metric<"sample_open_latency_seconds">.clear();
}
