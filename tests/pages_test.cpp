// Rows with many closed series, whose cells stand on a page of their own.

#include <coderd.hpp>
#include <sample.hpp>
#include <stele/testing.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

using sample::metric;
using stele::testing::value;
using testing::HasSubstr;

static_assert(stele::on_own_page(sample::rows::sample_wide_total::about));
static_assert(stele::on_own_page(sample::rows::sample_wide_level::about));
static_assert(stele::on_own_page(sample::rows::sample_wide_seconds::about));
static_assert(!stele::on_own_page(sample::rows::sample_transfers_total::about));

// "A slab's bytes are a constant that a table can assert", and so is a row's number of series.
static_assert(stele::slab_bytes<sample::table> <= 4096);
static_assert(stele::closed_series_count(sample::rows::sample_wide_total::about) == 1000);
static_assert(stele::series_max<sample::table> > 8 * stele::open_series_max);
static_assert(stele::series_max<coderd::table> <= 210'000);

// "A gauge is never on a line with another's cell", behind a page's pointer too.
static_assert([] {
  auto const& rows = sample::table::descriptors;
  for (std::size_t i = 0; i < std::size(rows); ++i)
    if (stele::in_shared_block(*rows[i]) &&
        stele::layout_of<sample::table>.offsets[i] % stele::cache_line_bytes != 0)
      return false;
  return true;
}());

namespace {

auto wide(sample::x x, sample::y y, sample::z z) {
  return metric<"sample_wide_total">.with({.x = x, .y = y, .z = z});
}

}  // namespace

// "All of it present at 0 from the start", which it is before any thread has the page.
TEST(Pages, AllSeriesAreThereBeforeTheFirstUpdate) {
  auto const text = stele::testing::exposition<sample::table>();
  EXPECT_THAT(text, HasSubstr("sample_wide_total{x=\"a\",y=\"a\",z=\"a\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("sample_wide_total{x=\"j\",y=\"j\",z=\"j\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("sample_wide_level{x=\"j\",y=\"j\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("sample_wide_state{x=\"j\",y=\"j\",sample_wide_state=\"on\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("sample_wide_seconds_count{x=\"j\",y=\"j\"} 0\n"));
}

TEST(Pages, EachSeriesHasACellOfItsOwn) {
  wide(sample::x::a, sample::y::a, sample::z::a).inc(1);
  wide(sample::x::a, sample::y::a, sample::z::b).inc(2);
  wide(sample::x::j, sample::y::j, sample::z::j).inc(3);
  EXPECT_EQ(value(wide(sample::x::a, sample::y::a, sample::z::a)), 1U);
  EXPECT_EQ(value(wide(sample::x::a, sample::y::a, sample::z::b)), 2U);
  EXPECT_EQ(value(wide(sample::x::j, sample::y::j, sample::z::j)), 3U);
  EXPECT_EQ(value(wide(sample::x::j, sample::y::j, sample::z::a)), 0U);
}

TEST(Pages, NothingIsLostWhenThreadsEnd) {
  auto const counted = wide(sample::x::b, sample::y::b, sample::z::b);
  auto const timed = metric<"sample_wide_seconds">.with({.x = "b", .y = "b"});
  for (int i = 0; i < 3; ++i) {
    std::vector<std::thread> threads;
    for (int j = 0; j < 4; ++j)
      threads.emplace_back([&] {
        counted.inc();
        timed.observe(1.0);
      });
    for (auto& each : threads) each.join();
  }
  EXPECT_EQ(value(counted), 12U);
  EXPECT_EQ(value(timed).count, 12U);
  EXPECT_EQ(value(timed).sum, 12.0);
  EXPECT_EQ(value(timed).buckets, (std::vector<std::uint64_t>{0, 12, 0}));
}

TEST(Pages, AStatesetHasACellASeries) {
  metric<"sample_wide_state">.with({.x = "a", .y = "b"}).switch_to("on");
  EXPECT_THAT(stele::testing::exposition<sample::table>(),
              HasSubstr("sample_wide_state{x=\"a\",y=\"b\",sample_wide_state=\"on\"} 1\n"));
}

TEST(Pages, AGaugeIsOneForAllThreads) {
  auto const level = metric<"sample_wide_level">.with({.x = "c", .y = "d"});
  std::vector<std::thread> threads;
  for (int j = 0; j < 8; ++j) threads.emplace_back([&] { level.inc(); });
  for (auto& each : threads) each.join();
  EXPECT_EQ(value(level), 8);
}
