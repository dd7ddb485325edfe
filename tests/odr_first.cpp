// One of two units that use the same rows; see odr_test.cpp.

#include <sample.hpp>

void count_in_first_unit() {
  sample::metric<"sample_jobs_total">.inc();
  sample::metric<"sample_requests_total">.with({.code = "200", .path = "/odr"}).inc();
}
