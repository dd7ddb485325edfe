// A series of an open label is not known beforehand: the whole set is fed.
// expect: read_from() of one series requires a row without open labels
// expect: sample_sessions

#include <sample.hpp>

void count() {
#ifdef WRONG
  sample::metric<"sample_sessions">.with({.user = "ann"}).read_from([] { return 3; }).stop();
#else
  sample::metric<"sample_mode">.with({.mode = "fast"}).read_from([] { return 3; }).stop();
#endif
}
