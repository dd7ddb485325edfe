// One value for a row that has many series.
// expect: a row with labels requires with(
// expect: samples.add({.label = value
// expect: sample_sessions

#include <sample.hpp>

void count() {
#ifdef WRONG
  sample::metric<"sample_sessions">.read_from([] { return 3; }).stop();
#else
  sample::metric<"sample_sessions">
      .read_from([](auto& samples) { samples.add({.user = "ann"}, 3); })
      .stop();
#endif
}
