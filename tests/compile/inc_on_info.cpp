// An info row has no number.
// expect: inc() requires a counter or a gauge
// expect: an info row add({…})
// expect: sample_target_info

#include <sample.hpp>

void show() {
#ifdef WRONG
  sample::metric<"sample_target_info">.inc();
#else
  sample::metric<"sample_target_info">.set({.stage = "test"});
#endif
}
