// A label that is left out of an info row: the message names row and label.
// expect: requires every label of the row
// expect: sample_target_info
// expect: stage

#include <sample.hpp>

void show() {
#ifdef WRONG
  sample::metric<"sample_target_info">.set({});
#else
  sample::metric<"sample_target_info">.set({.stage = sample::stage::live});
#endif
}
