// Half a job.
// expect: a fraction requires a row that is not a count
// expect: sample_jobs_total

#include <sample.hpp>

void count() {
#ifdef WRONG
  sample::metric<"sample_jobs_total">.inc(0.5);
#else
  sample::metric<"sample_wait_seconds_total">.inc(0.5);
#endif
}
