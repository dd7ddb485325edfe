// Two units of one program that include the same header share one state.

#include <sample.hpp>
#include <stele/testing.hpp>

#include <gtest/gtest.h>

void count_in_first_unit();

TEST(Odr, TwoUnitsCountIntoTheSameCells) {
  using sample::metric;
  stele::testing::delta const jobs(metric<"sample_jobs_total">);
  auto const series = metric<"sample_requests_total">.with({.code = "200", .path = "/odr"});
  stele::testing::delta const requests(series);
  count_in_first_unit();
  metric<"sample_jobs_total">.inc();
  series.inc();
  EXPECT_EQ(jobs.value(), 2U);
  EXPECT_EQ(requests.value(), 2U);
}
