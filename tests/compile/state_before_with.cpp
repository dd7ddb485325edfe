// A stateset with another label has a series a value of it.
// expect: a row with labels requires with({.label = value, …}) first

#include <sample.hpp>

void turn() {
#ifdef WRONG
  sample::metric<"sample_node">.switch_to("up");
#else
  sample::metric<"sample_node">.with({.node = "a"}).switch_to("up");
#endif
}
