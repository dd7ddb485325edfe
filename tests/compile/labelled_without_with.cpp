// A call on a labelled row before with().
// expect: a row with labels requires with(

#include <coderd.hpp>

void count() {
#ifdef WRONG
  coderd::metric<"coderd_api_requests_processed_total">.inc();
#else
  coderd::metric<"coderd_rtc_client_connections_total">.inc();
#endif
}
