// A series of a set that lacks a label.
// expect: a label is missing or out of order
// expect: sample_requests_total

#include <sample.hpp>

void count() {
#ifdef WRONG
  auto const give = [](auto& samples) { samples.add({.code = "200"}, 1); };
#else
  auto const give = [](auto& samples) { samples.add({.code = "200", .path = "/"}, 1); };
#endif
  sample::metric<"sample_requests_total">.read_from(give).stop();
}
