// with() on a row that has no labels: the message names the row and says so.
// expect: this_row_has_no_labels<coderd::rows::coderd_rtc_client_connections_total>

#include <coderd.hpp>

void count() {
#ifdef WRONG
  coderd::metric<"coderd_rtc_client_connections_total">.with({.method = "GET"}).inc();
#else
  coderd::metric<"coderd_rtc_client_connections_total">.inc();
#endif
}
