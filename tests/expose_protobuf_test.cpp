// Delimited protobuf: formats.md's rules, read back by protozero. The judges' tests have the rest.

#include <judged.hpp>

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

#include "expose/renderer.hpp"
#include "protobuf_body.hpp"

using judged::metric;
using protobuf_body::labels;

namespace {

constexpr int counter_type = 0;
constexpr int gauge_type = 1;
constexpr int summary_type = 2;
constexpr int histogram_type = 4;

template <class... Tables>
std::string body() {
  std::string all;
  stele::expose(stele::gather<Tables...>(), stele::format::protobuf,
                [&](std::string_view chunk) { all.append(chunk); });
  return all;
}

template <class Table = judged::table>
protobuf_body::family family(std::string const& name) {
  auto const families = protobuf_body::read_body(body<Table>());
  auto const found = families.find(name);
  if (found != families.end()) return found->second;
  ADD_FAILURE() << name << " is not in the body";
  return {};
}

/// The only series of a family.
template <class Table = judged::table>
protobuf_body::metric series(std::string const& name) {
  auto const found = family<Table>(name);
  EXPECT_EQ(found.metrics.size(), 1U);
  return found.metrics.empty() ? protobuf_body::metric() : found.metrics[0];
}

std::uint64_t bits(double value) { return std::bit_cast<std::uint64_t>(value); }

}  // namespace

// formats.md: counter families keep `_total`. Always write type and the value message.
TEST(ExposeProtobuf, WritesTypeAndValueOfWhatIsZero) {
  metric<"judged_cpu_seconds_total">.inc(0);
  metric<"judged_alloc_bytes">.set(0);
  auto const counter = family("judged_cpu_seconds_total");
  EXPECT_EQ(counter.type, counter_type);
  EXPECT_EQ(counter.help, "Time, a double.");
  EXPECT_EQ(counter.unit, "seconds");
  EXPECT_EQ(counter.metrics.at(0).value_field, 3);
  auto const gauge = family("judged_alloc_bytes");
  EXPECT_EQ(gauge.type, gauge_type);
  EXPECT_EQ(gauge.unit, "bytes");
  EXPECT_EQ(gauge.metrics.at(0).value_field, 2);
  metric<"judged_events">.inc(0);
  EXPECT_EQ(family("judged_events").type, counter_type);
}

// formats.md: cells that hold integers are the nearest double in protobuf.
TEST(ExposeProtobuf, ShowsTheNearestDoubleOfAnInteger) {
  metric<"judged_alloc_bytes_total">.inc((std::uint64_t{1} << 53) + 3);
  EXPECT_EQ(series("judged_alloc_bytes_total").value, 0x1p53 + 4);
  metric<"judged_queue_length">.set(-17);
  EXPECT_EQ(series("judged_queue_length").value, -17);
  metric<"judged_queue_length">.set(std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(series("judged_queue_length").value, -0x1p63);
}

// formats.md: NaN is the quiet NaN 0x7ff8…: 0x7ff0000000000002 is the server's stale marker.
TEST(ExposeProtobuf, HasOneNaN) {
  for (std::uint64_t const nan :
       {0x7ff0000000000002U, 0x7ff8000000000001U, 0xfff8000000000000U, 0x7fffffffffffffffU}) {
    metric<"judged_celsius">.with({.place = "nan"}).set(std::bit_cast<double>(nan));
    auto const shown = series("judged_celsius");
    EXPECT_EQ(bits(shown.value), 0x7ff8000000000000U) << std::hex << nan;
  }
  metric<"judged_celsius">.clear();
}

// Label values stand in protobuf as they are: what text escapes is not escaped.
TEST(ExposeProtobuf, HasLabelValuesOfEveryLengthAsTheyAre) {
  std::vector<std::size_t> sizes(300);
  std::iota(sizes.begin(), sizes.end(), 0U);
  sizes.insert(sizes.end(), {16'383, 16'384, 70'000});
  for (std::size_t const size : sizes) {
    for (char const* const end : {"", "\\", "\"", "\n", "\xC3\xA4"}) {
      std::string const value = std::string(size, 'x') + end;
      metric<"judged_paths_total">.with({.path = value, .kind = judged::kind::b}).inc(7);
      metric<"judged_celsius">.with({.place = value}).set(0.5);
      auto const counter = series("judged_paths_total");
      EXPECT_TRUE(counter.labels == (labels{{"path", value}, {"kind", "b"}})) << size << end;
      EXPECT_EQ(counter.value, 7);
      auto const gauge = series("judged_celsius");
      EXPECT_TRUE(gauge.labels == (labels{{"place", value}})) << size << end;
      EXPECT_EQ(gauge.value, 0.5);
      metric<"judged_paths_total">.clear();
      metric<"judged_celsius">.clear();
    }
  }
}

// Stated of next(): chunks of at most 64 KiB, and one that is shorter is the last.
TEST(ExposeProtobuf, ComesInFullChunks) {
  for (int i = 0; i < 5000; ++i)
    metric<"judged_paths_total">.with({.path = std::to_string(i), .kind = judged::kind::a}).inc(i);
  std::vector<std::size_t> sizes;
  std::string all;
  stele::expose(stele::gather<judged::table>(), stele::format::protobuf,
                [&](std::string_view chunk) {
                  sizes.push_back(chunk.size());
                  all.append(chunk);
                });
  ASSERT_GT(sizes.size(), 3U);
  for (std::size_t i = 0; i + 1 < sizes.size(); ++i) EXPECT_EQ(sizes[i], 65536U) << i;
  auto const paths = protobuf_body::read_body(all).at("judged_paths_total");
  ASSERT_EQ(paths.metrics.size(), 5000U);
  for (std::size_t i = 0; i < 5000; ++i) {
    EXPECT_EQ(paths.metrics[i].labels.at(0).second, std::to_string(i));
    EXPECT_EQ(paths.metrics[i].value, static_cast<double>(i));
  }
  metric<"judged_paths_total">.clear();
}

// A body without a family is empty: a message of 0 bytes would be a family without a name.
TEST(ExposeProtobuf, LeavesOutAFamilyWithoutASeries) {
  metric<"judged_paths_total">.clear();
  auto const families = protobuf_body::read_body(body<judged::table>());
  EXPECT_FALSE(families.contains("judged_paths_total"));
  EXPECT_TRUE(families.contains("judged_jobs_total"));
}

// Stated of a series_filter: it says which series are rendered.
TEST(ExposeProtobuf, HasWhatAFilterWants) {
  struct only_kind_a final : stele::exposition::series_filter {
    bool wants(std::string_view, std::string_view text) const noexcept override {
      return text.find("kind=\"a\"") != text.npos;
    }
  };
  for (std::string_view const path : {"1", "2", "3"}) {
    metric<"judged_paths_total">.with({.path = path, .kind = judged::kind::a}).inc();
    metric<"judged_paths_total">.with({.path = path, .kind = judged::kind::b}).inc();
  }
  auto const snapshot = stele::gather<judged::table>();
  only_kind_a const filter;
  stele::exposition::renderer render;
  render.start(snapshot.data(), {.which = stele::format::protobuf, .filter = &filter});
  std::string all;
  for (auto chunk = render.next(); !chunk.empty(); chunk = render.next()) all.append(chunk);
  auto const families = protobuf_body::read_body(all);
  ASSERT_EQ(families.size(), 1U);
  EXPECT_EQ(families.at("judged_paths_total").metrics.size(), 3U);
  metric<"judged_paths_total">.clear();
}

// Labels of the whole table stand before a series' own, in every format.
TEST(ExposeProtobuf, HasConstantLabelsFirst) {
  std::string const value = "a \"b\" \\ " + std::string(300, 'z');
  ASSERT_TRUE(stele::set_constant_labels<judged::table>({{"zone", value}, {"cell", ""}}));
  metric<"judged_paths_total">.with({.path = "/", .kind = judged::kind::a}).inc();
  metric<"judged_state">.switch_to(judged::judged_state::on);
  labels const constants{{"zone", value}, {"cell", ""}};
  EXPECT_EQ(series("judged_jobs_total").labels, constants);
  labels expected = constants;
  expected.emplace_back("path", "/");
  expected.emplace_back("kind", "a");
  EXPECT_EQ(series("judged_paths_total").labels, expected);
  expected = constants;
  expected.emplace_back("judged_state", "a\"b");
  EXPECT_EQ(family("judged_state").metrics.at(2).labels, expected);
  ASSERT_TRUE(stele::set_constant_labels<judged::table>({}));
  metric<"judged_paths_total">.clear();
}

// formats.md: info and stateset are gauges where a format has no such types.
TEST(ExposeProtobuf, ShowsInfosAndStatesetsAsGauges) {
  metric<"judged_build_info">.set({.version = "1.2.3"});
  auto const info = family("judged_build_info");
  EXPECT_EQ(info.type, gauge_type);
  EXPECT_EQ(info.unit, "");
  EXPECT_EQ(info.metrics.at(0).labels, (labels{{"version", "1.2.3"}}));
  EXPECT_EQ(info.metrics.at(0).value, 1);
  metric<"judged_build_info">.clear();

  metric<"judged_state">.switch_to(judged::judged_state::a_b);
  auto const state = family("judged_state");
  EXPECT_EQ(state.type, gauge_type);
  ASSERT_EQ(state.metrics.size(), 3U);
  constexpr std::string_view names[]{"off", "on", "a\"b"};
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(state.metrics[i].labels, (labels{{"judged_state", std::string(names[i])}}));
    EXPECT_EQ(state.metrics[i].value, i == 2 ? 1 : 0);
  }
}

// Counter start 3, Summary start 4, Histogram start 15: when the series began.
TEST(ExposeProtobuf, SaysWhenASeriesBegan) {
  auto const before = stele::core::unix_milliseconds();
  metric<"judged_paths_total">.with({.path = "began", .kind = judged::kind::a}).inc();
  metric<"judged_pause_seconds">.with({.cause = "began"}).observe(1);
  metric<"judged_native_seconds">.with({.path = "began"}).observe(1);
  auto const after = stele::core::unix_milliseconds();
  auto const families = protobuf_body::read_body(body<judged::table>());
  for (auto const* name : {"judged_paths_total", "judged_pause_seconds", "judged_native_seconds"}) {
    auto const& start = families.at(name).metrics.at(0).start;
    ASSERT_TRUE(start) << name;
    EXPECT_GE(start->milliseconds(), before) << name;
    EXPECT_LE(start->milliseconds(), after) << name;
    EXPECT_EQ(start->nanos % 1'000'000, 0) << name;
  }
  EXPECT_TRUE(families.at("judged_jobs_total").metrics.at(0).start);
  EXPECT_FALSE(families.at("judged_alloc_bytes").metrics.at(0).start);
  metric<"judged_paths_total">.clear();
  metric<"judged_pause_seconds">.clear();
  metric<"judged_native_seconds">.clear();
}

// Counter exemplar 2: labels, value, timestamp.
TEST(ExposeProtobuf, HasACountersExemplar) {
  auto const before = stele::core::unix_milliseconds();
  metric<"judged_jobs_total">.inc(5, {{"trace_id", "\"x\""}, {"span_id", ""}});
  auto const shown = series("judged_jobs_total");
  ASSERT_EQ(shown.exemplars.size(), 1U);
  EXPECT_EQ(shown.exemplars[0].labels, (labels{{"trace_id", "\"x\""}, {"span_id", ""}}));
  EXPECT_EQ(shown.exemplars[0].value, 5);
  EXPECT_GE(shown.exemplars[0].timestamp.milliseconds(), before);
  EXPECT_TRUE(shown.start);
}

// An exemplar lies in its bucket; one a bucket.
TEST(ExposeProtobuf, HasTheExemplarsOfClassicBuckets) {
  auto const get = metric<"judged_classic_seconds">.with({.method = judged::method::GET});
  get.observe(0.75, {{"trace_id", "in 1"}});
  get.observe(50, {{"trace_id", "in +Inf"}});
  auto const found = family("judged_classic_seconds");
  EXPECT_EQ(found.type, histogram_type);
  auto const& buckets = found.metrics.at(0).buckets;
  ASSERT_EQ(buckets.size(), 4U);
  EXPECT_FALSE(buckets[0].exemplar);
  ASSERT_TRUE(buckets[1].exemplar);
  EXPECT_EQ(buckets[1].exemplar->labels, (labels{{"trace_id", "in 1"}}));
  EXPECT_FALSE(buckets[2].exemplar);
  ASSERT_TRUE(buckets[3].exemplar);
  EXPECT_EQ(buckets[3].exemplar->value, 50);
  EXPECT_EQ(buckets[3].upper_bound, std::numeric_limits<double>::infinity());
  EXPECT_EQ(buckets[3].cumulative_count, 2U);
  EXPECT_EQ(found.metrics[0].count, 2U);
  EXPECT_FALSE(found.metrics[0].schema);
  for (auto const& each : found.metrics.at(1).buckets) EXPECT_FALSE(each.exemplar);
}

// Histogram exemplars 16: where there is no classic bucket to have it.
TEST(ExposeProtobuf, HasTheExemplarOfANativeHistogram) {
  metric<"judged_native_seconds">.with({.path = "/"}).observe(0.25, {{"trace_id", "native"}});
  auto const shown = series("judged_native_seconds");
  EXPECT_TRUE(shown.buckets.empty());
  ASSERT_EQ(shown.exemplars.size(), 1U);
  EXPECT_EQ(shown.exemplars[0].value, 0.25);
  metric<"judged_native_seconds">.clear();
}

// formats.md: an empty native histogram is a span (0,0) and a zero threshold > 0.
TEST(ExposeProtobuf, TellsAnEmptyNativeHistogramFromAClassicOne) {
  stele::use_row<judged::rows::judged_unused_seconds>();
  auto const shown = series("judged_unused_seconds");
  EXPECT_EQ(shown.count, 0U);
  EXPECT_EQ(shown.positive.spans, (std::vector<protobuf_body::span>{{0, 0}}));
  EXPECT_EQ(shown.zero_threshold, 0x1p-128);
  EXPECT_TRUE(shown.schema);
}

// formats.md: the first span's offset is absolute, later ones are gaps. Up to two empty buckets are
// cheaper inside a span than another span.
TEST(ExposeProtobuf, MergesNativeSpansOverGapsOfTwo) {
  // Schema 0 is not to be had: at schema 3 bucket 8 n ends at 2^n.
  auto const observe = [](int bucket, int times) {
    double const value = std::exp2(bucket / 8.0 - 1.0 / 16);
    for (int i = 0; i < times; ++i)
      metric<"judged_native_seconds">.with({.path = "/"}).observe(value);
  };
  observe(-3, 2);
  observe(-2, 5);
  observe(1, 1);  // two are empty before it
  observe(5, 4);  // three
  observe(40, 3);
  auto const shown = series("judged_native_seconds");
  EXPECT_EQ(shown.schema, 3);
  EXPECT_EQ(shown.positive.spans, (std::vector<protobuf_body::span>{{-3, 5}, {3, 1}, {34, 1}}));
  EXPECT_EQ(shown.positive.deltas, (std::vector<std::int64_t>{2, 3, -5, 0, 1, 3, -1}));
  EXPECT_TRUE(shown.negative.spans.empty());
  EXPECT_EQ(shown.count, 15U);
  metric<"judged_native_seconds">.clear();
}

// formats.md: classic and native buckets may stand in one message; count == zero_count + all
// buckets.
TEST(ExposeProtobuf, HasBothFormsOfAHistogram) {
  for (double const value : {0.0, 0.05, 0.5, 5.0, 50.0})
    metric<"judged_both_seconds">.observe(value);
  auto const shown = series("judged_both_seconds");
  ASSERT_EQ(shown.buckets.size(), 4U);
  EXPECT_EQ(shown.buckets[0].cumulative_count, 2U);
  EXPECT_EQ(shown.buckets[3].cumulative_count, 5U);
  EXPECT_EQ(shown.zero_count, 1U);
  std::int64_t count = 0, total = 0;
  for (auto const delta : shown.positive.deltas) total += count += delta;
  EXPECT_EQ(total + 1, 5);
  EXPECT_EQ(shown.count, 5U);
  EXPECT_EQ(shown.sum, 55.55);
}

// Negative values have buckets of their own, by magnitude.
TEST(ExposeProtobuf, HasBothSignsOfANativeHistogram) {
  for (double const value : {-2.0, -1.0, 0.0, 1.0, 1.0})
    metric<"judged_signed_celsius">.observe(value);
  auto const shown = series("judged_signed_celsius");
  EXPECT_EQ(shown.schema, 5);
  EXPECT_EQ(shown.negative.spans, (std::vector<protobuf_body::span>{{0, 1}, {31, 1}}));
  EXPECT_EQ(shown.negative.deltas, (std::vector<std::int64_t>{1, 0}));
  EXPECT_EQ(shown.positive.spans, (std::vector<protobuf_body::span>{{0, 1}}));
  EXPECT_EQ(shown.positive.deltas, (std::vector<std::int64_t>{2}));
  EXPECT_EQ(shown.zero_count, 1U);
}

// Summary: quantiles ascending; count and sum of all values.
TEST(ExposeProtobuf, HasTheQuantilesOfASummary) {
  for (int i = 1; i <= 100; ++i) metric<"judged_pause_seconds">.with({.cause = "gc"}).observe(i);
  auto const found = family("judged_pause_seconds");
  EXPECT_EQ(found.type, summary_type);
  auto const& shown = found.metrics.at(0);
  EXPECT_EQ(shown.count, 100U);
  EXPECT_EQ(shown.sum, 5050);
  ASSERT_EQ(shown.quantiles.size(), 3U);
  EXPECT_EQ(shown.quantiles[0].first, 0.5);
  EXPECT_NEAR(shown.quantiles[0].second, 50, 0.5);
  EXPECT_EQ(shown.quantiles[2].first, 0.99);
  EXPECT_NEAR(shown.quantiles[2].second, 99, 1);
  metric<"judged_pause_seconds">.clear();
}
