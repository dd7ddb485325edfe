#include <sample.hpp>
#include <stele/testing.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>

using sample::metric;
using stele::testing::delta;
using stele::testing::refused;
using stele::testing::value;
using namespace std::chrono_literals;

TEST(Counter, CountsOneAndMany) {
  delta const jobs(metric<"sample_jobs_total">);
  metric<"sample_jobs_total">.inc();
  metric<"sample_jobs_total">.inc(41);
  metric<"sample_jobs_total">.inc(std::uint8_t{1});
  EXPECT_EQ(jobs.value(), 43U);
}

TEST(Counter, OfACountHoldsIntegersExactlyAbove2To53) {
  delta const jobs(metric<"sample_events">);
  metric<"sample_events">.inc(std::uint64_t{1} << 53);
  metric<"sample_events">.inc();
  EXPECT_EQ(jobs.value(), (std::uint64_t{1} << 53) + 1);
}

TEST(Counter, TakesDurationsInTheRowsUnit) {
  delta const waited(metric<"sample_wait_seconds_total">);
  metric<"sample_wait_seconds_total">.inc(250ms);
  metric<"sample_wait_seconds_total">.inc(0.5);
  metric<"sample_wait_seconds_total">.inc(1);
  EXPECT_DOUBLE_EQ(waited.value(), 1.75);
}

TEST(Counter, RefusesAndCountsWhatWouldLowerIt) {
  delta const jobs(metric<"sample_jobs_total">);
  delta const waited(metric<"sample_wait_seconds_total">);
  auto const refused_jobs = refused(metric<"sample_jobs_total">);
  auto const refused_waits = refused(metric<"sample_wait_seconds_total">);
  metric<"sample_jobs_total">.inc(-1);
  metric<"sample_wait_seconds_total">.inc(-0.1);
  metric<"sample_wait_seconds_total">.inc(std::numeric_limits<double>::quiet_NaN());
  metric<"sample_wait_seconds_total">.inc(std::numeric_limits<double>::infinity());
  EXPECT_EQ(jobs.value(), 0U);
  EXPECT_EQ(waited.value(), 0.0);
  EXPECT_EQ(refused(metric<"sample_jobs_total">) - refused_jobs, 1U);
  EXPECT_EQ(refused(metric<"sample_wait_seconds_total">) - refused_waits, 3U);
}

TEST(Counter, KeepsASeriesForEachSetOfOpenLabels) {
  std::string path = "/a";
  delta const a(metric<"sample_requests_total">.with({.code = "200", .path = "/a"}));
  delta const b(metric<"sample_requests_total">.with({.code = "200", .path = "/b"}));
  metric<"sample_requests_total">.with({.code = "200", .path = path}).inc();
  path = "/b";
  metric<"sample_requests_total">.with({.code = std::string("200"), .path = path}).inc(2);
  EXPECT_EQ(a.value(), 1U);
  EXPECT_EQ(b.value(), 2U);
}

TEST(Counter, HasASeriesForEachValueOfAClosedLabel) {
  delta const in(metric<"sample_transfers_total">.with({.direction = sample::direction::in}));
  delta const out(metric<"sample_transfers_total">.with({.direction = "out"}));
  metric<"sample_transfers_total">.with({.direction = "in"}).inc();
  metric<"sample_transfers_total">.with({.direction = sample::direction::out}).inc(2);
  EXPECT_EQ(in.value(), 1U);
  EXPECT_EQ(out.value(), 2U);
}

TEST(Counter, RefusesAndCountsAValueThatIsNotInAClosedSetWithoutOther) {
  auto const before = refused(metric<"sample_transfers_total">);
  metric<"sample_transfers_total">.with({.direction = "sideways"}).inc();
  EXPECT_EQ(refused(metric<"sample_transfers_total">) - before, 1U);
}

TEST(Counter, OfARefusedSeriesHasNoValue) {
  auto const series = metric<"sample_mixed_total">.with({.kind = "a", .path = "/x"});
  series.inc(42);
  auto const refused_series = metric<"sample_mixed_total">.with({.kind = "neither", .path = "/x"});
  EXPECT_EQ(value(refused_series), 0U);
  EXPECT_GE(value(series), 42U);
}

TEST(Counter, RefusesAndCountsANumberThatIsNoEnumerator) {
  auto const before = refused(metric<"sample_transfers_total">);
  metric<"sample_transfers_total">.with({.direction = static_cast<sample::direction>(200)}).inc();
  EXPECT_EQ(refused(metric<"sample_transfers_total">) - before, 1U);
}

TEST(Counter, HandleMayBeKept) {
  auto const handle = metric<"sample_requests_total">.with({.code = "500", .path = "/kept"});
  delta const change(handle);
  for (int i = 0; i < 10; ++i) handle.inc();
  EXPECT_EQ(change.value(), 10U);
}

TEST(Counter, TakesLabelsThatAreKeywords) {
  auto const series = metric<"sample_keywords_total">.with({.class_ = "a", .new_ = "b"});
  delta const change(series);
  series.inc();
  EXPECT_EQ(change.value(), 1U);
  auto const text = stele::testing::exposition<sample::table>();
  EXPECT_NE(text.find(R"(sample_keywords_total{class="a",new="b"} )"), std::string::npos);
}

// Two keys must never print as one series, so invalid UTF-8 is replaced before the look-up.
TEST(Counter, ReplacesInvalidUtf8InLabelValuesBeforeTheLookUp) {
  delta const replaced(
      metric<"sample_requests_total">.with({.code = "\xEF\xBF\xBD", .path = "/utf8"}));
  metric<"sample_requests_total">.with({.code = "\xFF", .path = "/utf8"}).inc();
  metric<"sample_requests_total">.with({.code = "\xC0", .path = "/utf8"}).inc();
  EXPECT_EQ(replaced.value(), 2U);
}

TEST(Counter, TreatsANullStringAsEmptyText) {
  std::string_view const null;
  delta const empty(metric<"sample_requests_total">.with({.code = "", .path = "/null"}));
  metric<"sample_requests_total">.with({.code = null, .path = "/null"}).inc();
  EXPECT_EQ(empty.value(), 1U);
}

// ---- count_exceptions() -------------------------------------------------------------------------

namespace {

void fail() { throw std::runtime_error("failed"); }

/// By how much the counter rose while `act` ran, whose exception is caught.
template <class Act>
std::uint64_t counted(Act act) {
  stele::testing::delta const rise(metric<"sample_jobs_total">);
  try {
    act();
  } catch (std::runtime_error const&) {
  }
  return rise.value();
}

}  // namespace

TEST(CountExceptions, CountsAScopeThatAnExceptionLeaves) {
  EXPECT_EQ(counted([] {
              auto const failed = metric<"sample_jobs_total">.count_exceptions();
              fail();
            }),
            1U);
}

TEST(CountExceptions, CountsNothingElse) {
  EXPECT_EQ(counted([] { auto const failed = metric<"sample_jobs_total">.count_exceptions(); }),
            0U);
  EXPECT_EQ(counted([] {
              auto const failed = metric<"sample_jobs_total">.count_exceptions();
              try {
                fail();
              } catch (std::runtime_error const&) {  // inside the scope
              }
            }),
            0U);
}

TEST(CountExceptions, CountsOnceWhereItWasMoved) {
  EXPECT_EQ(counted([] {
              auto first = metric<"sample_jobs_total">.count_exceptions();
              auto const second = std::move(first);
              fail();
            }),
            1U);
}

// A scope that is entered and left whole while an exception is under way did not fail.
TEST(CountExceptions, TellsItsOwnExceptionFromOneThatIsUnderWay) {
  struct cleanup {
    ~cleanup() { auto const failed = metric<"sample_jobs_total">.count_exceptions(); }
  };
  EXPECT_EQ(counted([] {
              cleanup const at_end;
              fail();
            }),
            0U);
}

TEST(CountExceptions, CountsInALabelledSeries) {
  stele::testing::delta const rise(metric<"sample_transfers_total">.with({.direction = "in"}));
  try {
    auto const failed =
        metric<"sample_transfers_total">.with({.direction = "in"}).count_exceptions();
    fail();
  } catch (std::runtime_error const&) {
  }
  EXPECT_EQ(rise.value(), 1U);
}
