// What sets a gauge names no state.
// expect: set(value) requires a gauge; on a stateset use switch_to(state), or set(state, true or
// false)

#include <sample.hpp>

void turn() {
#ifdef WRONG
  sample::metric<"sample_switch">.set(5);
#else
  sample::metric<"sample_switch">.set("on", true);
#endif
}
