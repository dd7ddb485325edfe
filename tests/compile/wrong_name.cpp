// A name that is not in the table: the message names the closest row.
// expect: requires a name from the table
// expect: coderd_api_requests_procesed_total
// expect: coderd::rows::coderd_api_requests_processed_total
// expect: no_metric_named

#include <coderd.hpp>

void count() {
#ifdef WRONG
  coderd::metric<"coderd_api_requests_procesed_total">.inc();
#else
  coderd::metric<"coderd_api_requests_processed_total">
      .with({.code = "200", .method = coderd::method::GET, .path = "/"})
      .inc();
#endif
}
