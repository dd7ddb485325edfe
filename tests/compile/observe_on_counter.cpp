// A method that a counter does not have: the message says what to call.
// expect: observe() requires a histogram or a summary; on a counter use inc()
// expect: coderd_rtc_client_connections_total

#include <coderd.hpp>

void count() {
#ifdef WRONG
  coderd::metric<"coderd_rtc_client_connections_total">.observe(1);
#else
  coderd::metric<"coderd_rtc_client_connections_total">.inc(1);
#endif
}
