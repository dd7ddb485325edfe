// The row has two bounds, and so three buckets.
// expect: a reading of a histogram requires a bucket for each of the row's bounds and one more
// expect: sample_response_bytes

#include <sample.hpp>

void count() {
#ifdef WRONG
  auto const give = [] { return stele::histogram_reading{{1, 2}, 3.0}; };
#else
  auto const give = [] { return stele::histogram_reading{{1, 2, 0}, 3.0}; };
#endif
  sample::metric<"sample_response_bytes">.read_from(give).stop();
}
