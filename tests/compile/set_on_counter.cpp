// A counter is not set.
// expect: set() requires a gauge; on a counter use inc()

#include <coderd.hpp>

void count() {
#ifdef WRONG
  coderd::metric<"coderd_rtc_client_connections_total">.set(1);
#else
  coderd::metric<"coderd_license_user_count">.set(1);
#endif
}
