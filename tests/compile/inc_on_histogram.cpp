// A histogram observes.
// expect: inc() requires a counter or a gauge; on a histogram or a summary use observe(value)

#include <coderd.hpp>

void count() {
#ifdef WRONG
  coderd::metric<"coderd_db_sql_query_latencies_ms">.inc();
#else
  coderd::metric<"coderd_db_sql_query_latencies_ms">.observe(1);
#endif
}
