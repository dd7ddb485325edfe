// A stateset has no observations.
// expect: a stateset switch_to(state)

#include <sample.hpp>

void turn() {
#ifdef WRONG
  sample::metric<"sample_switch">.observe(1);
#else
  sample::metric<"sample_switch">.enable("on");
#endif
}
