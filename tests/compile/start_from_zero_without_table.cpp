// A call that would do nothing.
// expect: start_from_zero() requires a table; use start_from_zero<coderd::table>()
// errors: 1

#include <coderd.hpp>

void in_child() {
#ifdef WRONG
  stele::start_from_zero();
#else
  stele::start_from_zero<coderd::table>();
#endif
}
