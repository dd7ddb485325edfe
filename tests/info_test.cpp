// Info rows: what they show, and how both text formats show it.

#include <sample.hpp>
#include <stele/testing.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <string_view>
#include <thread>

using sample::metric;
using stele::testing::refused;

namespace {

std::string text(stele::format which = stele::format::text) {
  return stele::testing::exposition<sample::table>(which);
}

bool has(std::string_view line, stele::format which = stele::format::text) {
  return ("\n" + text(which)).find("\n" + std::string(line) + "\n") != std::string::npos;
}

/// How many lines are samples of a row.
std::size_t samples(std::string_view name) {
  std::string const all = "\n" + text();
  std::size_t count = 0;
  for (std::size_t at = 0; (at = all.find("\n" + std::string(name), at)) != std::string::npos; ++at)
    ++count;
  return count;
}

void set_build(std::string_view version) {
  metric<"sample_build_info">.set({.version = version,
                                   .revision = "9f2c1ab",
                                   .branch = "main",
                                   .compiler = "",
                                   .cplusplus = "",
                                   .stele_version = ""});
}

/// Every test starts from rows that show nothing.
class Info : public testing::Test {
 protected:
  void SetUp() override {
    metric<"sample_build_info">.clear();
    metric<"sample_target_info">.clear();
    metric<"sample_licensed_seconds_info">.clear();
  }
};

}  // namespace

// "An info row's series exist only after set()/add(), also where all its labels are closed or it
// has none."
TEST_F(Info, HasNoSeriesUntilItShowsOne) {
  for (auto const* name : {"sample_build", "sample_target", "sample_licensed"}) {
    EXPECT_EQ(samples(name), 0U) << name;
    EXPECT_EQ(text().find(std::string("# HELP ") + name), std::string::npos) << name;
    EXPECT_EQ(text(stele::format::openmetrics).find(std::string("# TYPE ") + name),
              std::string::npos)
        << name;
  }
}

// "`set(labels)` replaces whatever the row showed"
TEST_F(Info, SetReplacesWhatTheRowShowed) {
  metric<"sample_target_info">.set({.stage = sample::stage::test});
  EXPECT_TRUE(has("sample_target_info{stage=\"test\"} 1"));
  metric<"sample_target_info">.add({.stage = "live"});
  metric<"sample_target_info">.set({.stage = "live"});
  EXPECT_EQ(samples("sample_target_info"), 1U);
  EXPECT_TRUE(has("sample_target_info{stage=\"live\"} 1"));
}

// "`add(labels)` puts a label set beside the others, `remove(labels)`, `clear()`"
TEST_F(Info, AddsAndRemovesLabelSets) {
  metric<"sample_target_info">.add({.stage = "test"});
  metric<"sample_target_info">.add({.stage = "test"});
  metric<"sample_target_info">.add({.stage = "live"});
  EXPECT_EQ(samples("sample_target_info"), 2U);
  EXPECT_TRUE(metric<"sample_target_info">.remove({.stage = "test"}));
  EXPECT_FALSE(metric<"sample_target_info">.remove({.stage = "test"}));
  EXPECT_EQ(samples("sample_target_info"), 1U);
  EXPECT_TRUE(has("sample_target_info{stage=\"live\"} 1"));
  metric<"sample_target_info">.add({.stage = "test"});
  EXPECT_EQ(samples("sample_target_info"), 2U);
  metric<"sample_target_info">.clear();
  EXPECT_EQ(samples("sample_target_info"), 0U);
}

// "A row has a series bound"; what is shown alone needs room for one.
TEST_F(Info, SetShowsItsLabelsAlsoWhereTheRowWasFull) {
  for (std::size_t i = 0; i < stele::open_series_max; ++i)
    metric<"sample_build_info">.add({.version = std::to_string(i),
                                     .revision = "",
                                     .branch = "",
                                     .compiler = "",
                                     .cplusplus = "",
                                     .stele_version = ""});
  EXPECT_EQ(samples("sample_build_info"), stele::open_series_max);
  EXPECT_EQ(text().find("__overflow__"), std::string::npos);
  metric<"sample_build_info">.add({.version = "one more",
                                   .revision = "",
                                   .branch = "",
                                   .compiler = "",
                                   .cplusplus = "",
                                   .stele_version = ""});
  EXPECT_NE(text().find("sample_build_info{version=\"__overflow__\","), std::string::npos);
  set_build("the last");
  EXPECT_EQ(samples("sample_build_info"), 1U);
  EXPECT_NE(text().find("sample_build_info{version=\"the last\","), std::string::npos) << text();
}

TEST_F(Info, WithoutLabelsIsShownOrNot) {
  metric<"sample_licensed_seconds_info">.set();
  EXPECT_TRUE(has("sample_licensed_seconds_info 1"));
  EXPECT_TRUE(metric<"sample_licensed_seconds_info">.remove());
  EXPECT_EQ(samples("sample_licensed_seconds_info"), 0U);
}

// "a value that is not in a closed set is refused and counted": and changes nothing.
TEST_F(Info, RefusesALabelValueThatTheTableDoesNotAllow) {
  metric<"sample_target_info">.set({.stage = "test"});
  auto const before = refused(metric<"sample_target_info">);
  metric<"sample_target_info">.set({.stage = "prod"});
  metric<"sample_target_info">.add({.stage = ""});
  EXPECT_FALSE(metric<"sample_target_info">.remove({.stage = "prod"}));
  EXPECT_EQ(refused(metric<"sample_target_info">), before + 2);
  EXPECT_EQ(samples("sample_target_info"), 1U);
  EXPECT_TRUE(has("sample_target_info{stage=\"test\"} 1"));
}

TEST_F(Info, EscapesItsLabelsAndMakesThemValid) {
  set_build("a\"b\\c\nd\xC3");
  EXPECT_NE(text().find("sample_build_info{version=\"a\\\"b\\\\c\\nd\xEF\xBF\xBD\",revision="),
            std::string::npos)
      << text();
}

// "Map … info and stateset→gauge" in text; "type `info` with family name without `_info` in
// OpenMetrics"; "UNIT must be empty"
TEST_F(Info, IsAGaugeInTextAndAnInfoWithoutItsSuffixInOpenMetrics) {
  metric<"sample_licensed_seconds_info">.set();
  EXPECT_NE(text().find("# HELP sample_licensed_seconds_info Shown or not.\n"
                        "# TYPE sample_licensed_seconds_info gauge\n"
                        "sample_licensed_seconds_info 1\n"),
            std::string::npos);
  EXPECT_NE(text(stele::format::openmetrics)
                .find("# HELP sample_licensed_seconds Shown or not.\n"
                      "# TYPE sample_licensed_seconds info\n"
                      "sample_licensed_seconds_info 1\n"),
            std::string::npos);
}

// "fills each label by its name: version, revision, branch from the caller; `compiler`,
// `cplusplus`, `stele_version` by itself"
TEST_F(Info, OfABuildIsFilledByTheNamesOfItsLabels) {
  stele::set_build_info(metric<"sample_build_info">,
                        {.version = "1.4.2", .revision = "9f2c1ab", .branch = "main"});
#if defined(__clang__)
  std::string const compiler = "clang " + std::to_string(__clang_major__) + "." +
                               std::to_string(__clang_minor__) + "." +
                               std::to_string(__clang_patchlevel__);
#else
  std::string const compiler = "gcc " + std::to_string(__GNUC__) + "." +
                               std::to_string(__GNUC_MINOR__) + "." +
                               std::to_string(__GNUC_PATCHLEVEL__);
#endif
  EXPECT_TRUE(
      has("sample_build_info{version=\"1.4.2\",revision=\"9f2c1ab\",branch=\"main\",compiler=\"" +
          compiler + "\",cplusplus=\"" + std::to_string(__cplusplus) +
          "\",stele_version=\"" STELE_VERSION_STRING "\"} 1"))
      << text();
  stele::set_build_info(metric<"sample_build_info">, {.version = "1.4.3"});
  EXPECT_EQ(samples("sample_build_info"), 1U);
}

// "and for a `gauge` row with those labels (set to 1), the usual Prometheus form"
TEST_F(Info, OfABuildMayBeAGauge) {
  stele::set_build_info(metric<"sample_agent_build_info">,
                        {.version = "2", .revision = "not a label of this row", .branch = "main"});
  EXPECT_TRUE(has("sample_agent_build_info{version=\"2\",branch=\"main\"} 1"));
  stele::set_build_info(metric<"sample_agent_build_info">, {.version = "3", .branch = "feature"});
  EXPECT_TRUE(has("sample_agent_build_info{version=\"3\",branch=\"other\"} 1"));
  stele::set_build_info(metric<"sample_queue_length">);
  EXPECT_TRUE(has("sample_queue_length 1"));
}

// A call is one change: a scrape sees what the row showed before it or after it.
TEST_F(Info, AScrapeSeesOneOfSeveralSets) {
  set_build("1");
  std::atomic<bool> stop{false};
  std::thread writer([&] {
    for (unsigned i = 0; !stop.load(std::memory_order_relaxed); ++i) set_build(i % 2 ? "1" : "2");
  });
  int wrong = 0;
  for (int i = 0; i < 300; ++i)
    if (samples("sample_build_info") != 1) ++wrong;
  stop = true;
  writer.join();
  EXPECT_EQ(wrong, 0);
}
