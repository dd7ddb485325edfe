// A timer on a row in bytes.
// expect: time() requires a row whose unit is a time

#include <sample.hpp>

void count() {
#ifdef WRONG
  auto timer = sample::metric<"sample_response_bytes">.time();
#else
  auto timer = sample::metric<"sample_hold_seconds">.time();
#endif
}
