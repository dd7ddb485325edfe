// A counter says nothing of a build.
// expect: set_build_info() requires an info row, or a gauge
// expect: sample_keywords_total

#include <sample.hpp>

void show() {
#ifdef WRONG
  stele::set_build_info(sample::metric<"sample_keywords_total">);
#else
  stele::set_build_info(sample::metric<"sample_agent_build_info">);
#endif
}
