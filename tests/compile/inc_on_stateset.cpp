// A stateset has no number.
// expect: a stateset enable(state)
// expect: sample_switch

#include <sample.hpp>

void turn() {
#ifdef WRONG
  sample::metric<"sample_switch">.inc();
#else
  sample::metric<"sample_switch">.switch_to(sample::sample_switch::on);
#endif
}
