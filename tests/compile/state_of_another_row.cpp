// A state of another row: the message names the row and what was passed.
// expect: require a state of the row: an enumerator of the enum that the generated header names
// expect: sample_switch
// expect: sample_node

#include <sample.hpp>

void turn() {
#ifdef WRONG
  sample::metric<"sample_switch">.switch_to(sample::sample_node::up);
#else
  sample::metric<"sample_switch">.switch_to(sample::sample_switch::on);
#endif
}
