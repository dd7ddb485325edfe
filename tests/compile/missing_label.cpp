// A label that is left out: the message names row and label.
// expect: with() requires every label of the row
// expect: coderd_api_requests_processed_total
// expect: method

#include <coderd.hpp>

void count() {
#ifdef WRONG
  coderd::metric<"coderd_api_requests_processed_total">.with({.code = "200", .path = "/"}).inc();
#else
  coderd::metric<"coderd_api_requests_processed_total">
      .with({.code = "200", .method = "GET", .path = "/"})
      .inc();
#endif
}
