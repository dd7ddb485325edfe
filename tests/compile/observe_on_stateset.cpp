// A stateset has no observations.
// expect: observe() requires a histogram or a summary; a stateset has switch_to(state)

#include <sample.hpp>

void turn() {
#ifdef WRONG
  sample::metric<"sample_switch">.observe(1);
#else
  sample::metric<"sample_switch">.enable("on");
#endif
}
