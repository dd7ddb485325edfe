// A gauge does not count exceptions: the message says what does.
// expect: count_exceptions() requires a counter

#include <sample.hpp>

void count() {
#ifdef WRONG
  auto const failed = sample::metric<"sample_queue_length">.count_exceptions();
#else
  auto const failed = sample::metric<"sample_jobs_total">.count_exceptions();
#endif
}
