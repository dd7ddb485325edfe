// Quantiles cannot be made of what a callback could give.
// expect: read_from() requires a counter, a gauge or a histogram

#include <sample.hpp>

void count() {
#ifdef WRONG
  sample::metric<"sample_pause_seconds">.read_from([] { return 3; });
#else
  sample::metric<"sample_hold_seconds">.read_from([](auto& counts) { counts.observe(3); }).stop();
#endif
}
