// A part of the series, and of the rows: what a view shows.

#include <sample.hpp>
#include <stele/testing.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <string_view>

#include "core/pending_gather.hpp"
#include "core/row_filter.hpp"
#include "expose/renderer.hpp"

using sample::metric;

namespace {

using namespace stele;

class only_rows final : public core::row_filter {
 public:
  explicit only_rows(std::string_view begin) : begin_(begin) {}
  [[nodiscard]] bool wants(core::table_info const&, descriptor const& row) const noexcept override {
    return row.name.starts_with(begin_);
  }

 private:
  std::string_view begin_;
};

class only_series final : public exposition::series_filter {
 public:
  explicit only_series(std::string_view part) : part_(part) {}
  [[nodiscard]] bool wants(std::string_view, std::string_view labels) const noexcept override {
    return labels.find(part_) != labels.npos;
  }

 private:
  std::string_view part_;
};

std::string rendered(snapshot const& values, exposition::series_filter const& filter,
                     format which = format::text) {
  exposition::renderer render;
  render.start(values.data(), {.which = which, .filter = &filter});
  std::string text;
  for (auto chunk = render.next(); !chunk.empty(); chunk = render.next()) text += chunk;
  return text;
}

snapshot gather_rows(core::row_filter const& filter) {
  core::table_link* const tables[]{&link_of<sample::table>};
  core::pending_gather gather(tables, core::deadline_clock::now() + std::chrono::seconds(10),
                              nullptr, &filter);
  gather.wait();
  return gather.take();
}

}  // namespace

TEST(ExposeFilter, ShowsTheWantedSeriesOfEachFamily) {
  for (int i = 0; i < 3'000; ++i)
    metric<"sample_sessions">.with({.user = std::to_string(i)}).set(i);
  metric<"sample_open_latency_seconds">.with({.path = "17"}).observe(0.05);
  metric<"sample_open_latency_seconds">.with({.path = "18"}).observe(0.05);
  std::string const text = rendered(stele::gather<sample::table>(), only_series("\"17\""));
  EXPECT_EQ(text,
            "# HELP sample_open_latency_seconds Latency by path.\n"
            "# TYPE sample_open_latency_seconds histogram\n"
            "sample_open_latency_seconds_bucket{path=\"17\",le=\"0.1\"} 1\n"
            "sample_open_latency_seconds_bucket{path=\"17\",le=\"1\"} 1\n"
            "sample_open_latency_seconds_bucket{path=\"17\",le=\"+Inf\"} 1\n"
            "sample_open_latency_seconds_sum{path=\"17\"} 0.05\n"
            "sample_open_latency_seconds_count{path=\"17\"} 1\n"
            "# HELP sample_sessions Sessions.\n"
            "# TYPE sample_sessions gauge\n"
            "sample_sessions{user=\"17\"} 17\n");
}

// A family without a series has no metadata either.
TEST(ExposeFilter, ShowsNothingWhereNoSeriesIsWanted) {
  metric<"sample_sessions">.with({.user = "a"}).set(1);
  auto const values = stele::gather<sample::table>();
  EXPECT_EQ(rendered(values, only_series("no such label")), "");
  EXPECT_EQ(rendered(values, only_series("no such label"), format::openmetrics), "# EOF\n");
}

TEST(ExposeFilter, LeavesExemplarsWithTheirSeries) {
  for (std::string const path : {"/a", "/b", "/c"})
    metric<"sample_requests_total">.with({.code = "1", .path = path}).inc(1, {{"trace_id", path}});
  std::string const text =
      rendered(stele::gather<sample::table>(), only_series("\"/c\""), format::openmetrics);
  EXPECT_NE(text.find("sample_requests_total{code=\"1\",path=\"/c\"} 1 # {trace_id=\"/c\"} 1.0 "),
            std::string::npos)
      << text;
  EXPECT_EQ(text.find("/a"), std::string::npos);
}

// A row that is not wanted is not read, and its callbacks are not asked.
TEST(ExposeFilter, DoesNotAskForRowsThatAreNotWanted) {
  int asked = 0;
  auto const set = metric<"sample_rooms">.read_from([&](auto&) { ++asked; });
  auto const one = metric<"sample_queue_length">.read_from([&] { return ++asked; });
  metric<"sample_jobs_total">.inc(0);
  auto const jobs = gather_rows(only_rows("sample_jobs"));
  EXPECT_EQ(jobs.family_count(), 1U);
  EXPECT_EQ(asked, 0);
  auto const queue = gather_rows(only_rows("sample_queue"));
  EXPECT_EQ(queue.series_count(), 1U);
  EXPECT_EQ(asked, 1);
}
