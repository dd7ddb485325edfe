// An info row takes its labels in the call itself.
// expect: on an info row use set({.label = value, …})
// expect: sample_target_info

#include <sample.hpp>

void show() {
#ifdef WRONG
  sample::metric<"sample_target_info">.with({.stage = "test"}).set(1);
#else
  sample::metric<"sample_target_info">.set({.stage = "test"});
#endif
}
