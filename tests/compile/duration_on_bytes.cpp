// A duration on a row in bytes.
// expect: a duration requires a row whose unit is a time
// expect: sample_response_bytes

#include <sample.hpp>

#include <chrono>

void count() {
#ifdef WRONG
  sample::metric<"sample_response_bytes">.observe(std::chrono::milliseconds(5));
#else
  sample::metric<"sample_hold_seconds">.observe(std::chrono::milliseconds(5));
#endif
}
