// with() on a row that has no labels.
// expect: with() requires a row that has labels; this row has none

#include <coderd.hpp>

void count() {
#ifdef WRONG
  coderd::metric<"coderd_rtc_client_connections_total">.with(1);
#else
  coderd::metric<"coderd_rtc_client_connections_total">.inc();
#endif
}
