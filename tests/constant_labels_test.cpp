// Labels that every series of a table has.

#include <coderd.hpp>
#include <sample.hpp>
#include <stele/testing.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <vector>

#include "core/snapshot_data.hpp"

using sample::metric;
using stele::set_constant_labels;

namespace {

std::string text(stele::format which = stele::format::text) {
  return stele::testing::exposition<sample::table>(which);
}

bool has(std::string_view line, stele::format which = stele::format::text) {
  return ("\n" + text(which)).find("\n" + std::string(line) + "\n") != std::string::npos;
}

std::string message_of(std::initializer_list<stele::constant_label> labels) {
  auto const set = set_constant_labels<sample::table>(labels);
  EXPECT_FALSE(set);
  if (set) return {};
  EXPECT_EQ(set.error().code, std::errc::invalid_argument);
  return set.error().message;
}

class ConstantLabels : public testing::Test {
 protected:
  void TearDown() override { ASSERT_TRUE(set_constant_labels<sample::table>({})); }
};

}  // namespace

// "added to every series of the table in every format (OpenMetrics info rows too)"
TEST_F(ConstantLabels, StandInEverySeriesOfTheTable) {
  metric<"sample_jobs_total">.inc(0);
  metric<"sample_mode">.with({.mode = "fast"}).set(1);
  metric<"sample_sessions">.with({.user = "ann"}).set(1);
  metric<"sample_hold_seconds">.observe(0.5);
  metric<"sample_pause_seconds">.observe(0.5);
  metric<"sample_switch">.switch_to("on");
  metric<"sample_node">.with({.node = "n"}).switch_to("up");
  metric<"sample_target_info">.set({.stage = "test"});
  auto const set = set_constant_labels<sample::table>({{"replica", "7"}, {"cluster", "eu-west"}});
  ASSERT_TRUE(set);
  EXPECT_EQ(*set, 2U);
  std::string const both = R"(replica="7",cluster="eu-west")";
  for (auto const which : {stele::format::text, stele::format::openmetrics}) {
    std::string const all = text(which);
    std::size_t samples = 0;
    for (std::size_t at = 0; at < all.size(); at = all.find('\n', at) + 1) {
      if (all[at] == '#') continue;
      std::string const line = all.substr(at, all.find('\n', at) - at);
      EXPECT_NE(line.find("{" + both), std::string::npos) << line;
      EXPECT_EQ(line.find(",}"), std::string::npos) << line;
      ++samples;
    }
    EXPECT_GT(samples, 20U);
    EXPECT_TRUE(has("sample_jobs_total{" + both + "} 0", which));
    EXPECT_TRUE(has("sample_mode{" + both + ",mode=\"fast\"} 1", which));
    EXPECT_TRUE(has("sample_hold_seconds_bucket{" + both + ",le=\"0.5\"} 1", which));
    EXPECT_TRUE(has("sample_hold_seconds_count{" + both + "} 1", which));
    EXPECT_TRUE(has("sample_switch{" + both + ",sample_switch=\"on\"} 1", which));
    EXPECT_TRUE(has("sample_node{" + both + ",node=\"n\",sample_node=\"up\"} 1", which));
    EXPECT_TRUE(has("sample_target_info{" + both + ",stage=\"test\"} 1", which));
  }
}

// "a new call replaces the earlier set"
TEST_F(ConstantLabels, AreReplacedAsAWhole) {
  metric<"sample_jobs_total">.inc(0);
  ASSERT_TRUE(set_constant_labels<sample::table>({{"replica", "1"}, {"cluster", "a"}}));
  ASSERT_TRUE(set_constant_labels<sample::table>({{"cluster", "b"}}));
  EXPECT_TRUE(has("sample_jobs_total{cluster=\"b\"} 0"));
  ASSERT_TRUE(set_constant_labels<sample::table>({}));
  EXPECT_TRUE(has("sample_jobs_total 0"));
}

TEST_F(ConstantLabels, AreThoseOfOneTable) {
  metric<"sample_jobs_total">.inc(0);
  coderd::metric<"coderd_license_user_count">.set(1);
  std::vector<stele::constant_label> const labels{{"replica", "1"}};
  ASSERT_TRUE(set_constant_labels<sample::table>(std::span(labels)));
  auto const all = "\n" + text() + "\n" + stele::testing::exposition<coderd::table>();
  EXPECT_NE(all.find("\nsample_jobs_total{replica=\"1\"} 0\n"), std::string::npos);
  EXPECT_NE(all.find("\ncoderd_license_user_count 1\n"), std::string::npos);
}

// "values are made valid UTF-8 and escaped as other label values are"
TEST_F(ConstantLabels, HaveValidAndEscapedValues) {
  metric<"sample_jobs_total">.inc(0);
  ASSERT_TRUE(set_constant_labels<sample::table>({{"replica", "a\"b\\c\nd\xC3"}}));
  EXPECT_TRUE(has("sample_jobs_total{replica=\"a\\\"b\\\\c\\nd\xEF\xBF\xBD\"} 0"));
}

// "or an error that names the place, what was expected, seen, and the fix": and changes nothing.
TEST_F(ConstantLabels, AreRefusedWhereANameCannotStandInEverySeries) {
  metric<"sample_jobs_total">.inc(0);
  ASSERT_TRUE(set_constant_labels<sample::table>({{"replica", "1"}}));
  std::string const place = "set_constant_labels of the table 'sample', label ";
  EXPECT_EQ(message_of({{"cluster", "a"}, {"my-label", "b"}}),
            place +
                "2: expected a label name, saw 'my-label'; use letters, digits and "
                "underscores, no digit first");
  EXPECT_EQ(message_of({{"", "b"}}), place +
                                         "1: expected a label name, saw ''; use letters, "
                                         "digits and underscores, no digit first");
  EXPECT_EQ(message_of({{"__name__", "b"}}),
            place +
                "1: expected a label name without leading '__', saw '__name__'; rename it: "
                "such names belong to Prometheus");
  EXPECT_EQ(message_of({{"cluster", "a"}, {"cluster", "a"}}),
            place + "2: expected each name once, saw 'cluster'; remove one of the two");
  for (std::string const name : {"le", "quantile"})
    EXPECT_EQ(message_of({{name, "a"}}),
              place + "1: expected a name that the exposition does not write itself, saw '" + name +
                  "'; rename it");
  EXPECT_EQ(message_of({{"sample_switch", "a"}}),
            place +
                "1: expected a name that no stateset of the table has, saw 'sample_switch'; "
                "rename it: the exposition writes this label for the states");
  EXPECT_EQ(message_of({{"stage", "a"}}),
            place +
                "1: expected a name that is no label of the table's rows, saw 'stage'; rename "
                "it: the row 'sample_target_info' has this label");
  EXPECT_TRUE(has("sample_jobs_total{replica=\"1\"} 0"));
}

// "Also in snapshot for later formats: keep names and values available, not only rendered text"
TEST_F(ConstantLabels, AreInASnapshotAsNamesAndValues) {
  metric<"sample_jobs_total">.inc(0);
  ASSERT_TRUE(set_constant_labels<sample::table>({{"replica", "a\"b"}}));
  auto const before = stele::gather<sample::table>();
  ASSERT_TRUE(set_constant_labels<sample::table>({{"cluster", "later"}}));
  for (auto const& family : before.data().families) {
    ASSERT_NE(family.constant_labels, nullptr);
    ASSERT_EQ(family.constant_labels->labels.size(), 1U);
    EXPECT_EQ(family.constant_labels->labels[0].name, "replica");
    EXPECT_EQ(family.constant_labels->labels[0].value, "a\"b");
  }
}

// "never a data race with a running scrape": a snapshot has one set throughout.
TEST_F(ConstantLabels, ChangeBetweenScrapesNeverWithinOne) {
  metric<"sample_jobs_total">.inc(0);
  metric<"sample_queue_length">.set(0);
  ASSERT_TRUE(set_constant_labels<sample::table>({{"replica", "0"}}));
  std::atomic<bool> stop{false};
  std::thread writer([&] {
    for (unsigned i = 0; !stop.load(std::memory_order_relaxed); ++i)
      if (!set_constant_labels<sample::table>({{"replica", std::to_string(i % 1000)}})) return;
  });
  int wrong = 0;
  for (int i = 0; i < 300; ++i) {
    std::string const all = text();
    auto const value_in = [&](std::string_view name) {
      std::size_t const at = all.find("\n" + std::string(name) + "{replica=\"");
      if (at == std::string::npos) return std::string("none");
      std::size_t const begin = all.find('"', at) + 1;
      return all.substr(begin, all.find('"', begin) - begin);
    };
    auto const first = value_in("sample_jobs_total");
    if (first == "none" || first != value_in("sample_queue_length")) ++wrong;
  }
  stop = true;
  writer.join();
  EXPECT_EQ(wrong, 0);
}
