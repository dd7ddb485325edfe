// A label that only the service can fill: the message names row and label.
// expect: set_build_info() requires labels among version, revision, branch
// expect: sample_target_info
// expect: stage

#include <sample.hpp>

void show() {
#ifdef WRONG
  stele::set_build_info(sample::metric<"sample_target_info">, {.version = "1"});
#else
  stele::set_build_info(sample::metric<"sample_build_info">, {.version = "1"});
#endif
}
