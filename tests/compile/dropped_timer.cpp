// A timer that nobody holds measures nothing.
// expect: nodiscard

#include <sample.hpp>

void count() {
#ifdef WRONG
  sample::metric<"sample_hold_seconds">.time();
#else
  auto timer = sample::metric<"sample_hold_seconds">.time();
#endif
}
