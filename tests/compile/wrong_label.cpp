// A label that the row does not have: the message names the row, its labels, and the wrong one.
// expect: methd
// expect: coderd_api_requests_processed_total
// expect: labels_code_method_path

#include <coderd.hpp>

void count() {
  coderd::metric<"coderd_api_requests_processed_total">
#ifdef WRONG
      .with({.code = "200", .methd = "GET", .path = "/"})
#else
      .with({.code = "200", .method = "GET", .path = "/"})
#endif
      .inc();
}
