// A labelled row's exceptions belong to one of its series.
// expect: a row with labels requires with(

#include <sample.hpp>

void count() {
#ifdef WRONG
  auto const failed = sample::metric<"sample_transfers_total">.count_exceptions();
#else
  auto const failed =
      sample::metric<"sample_transfers_total">.with({.direction = "in"}).count_exceptions();
#endif
}
