// Two typing errors far apart still lead to the closest row.
// expect: requires a name from the table
// expect: coderd::rows::coderd_backgroundjob_current_enqueued_jobs

#include <coderd.hpp>

void count() {
#ifdef WRONG
  coderd::metric<"coderd_bakgroundjob_current_enqueud_jobs">.inc();
#else
  coderd::metric<"coderd_rtc_client_connections_total">.inc();
#endif
}
