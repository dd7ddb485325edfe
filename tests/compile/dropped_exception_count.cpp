// A guard that nobody holds guards nothing.
// expect: nodiscard

#include <sample.hpp>

void count() {
#ifdef WRONG
  sample::metric<"sample_jobs_total">.count_exceptions();
#else
  auto const failed = sample::metric<"sample_jobs_total">.count_exceptions();
#endif
}
