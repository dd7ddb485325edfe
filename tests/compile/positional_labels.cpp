// Labels by position could be swapped unnoticed, so they do not compile.
// expect: by_name_only
// expect: coderd_api_requests_processed_total

#include <coderd.hpp>

void count() {
#ifdef WRONG
  coderd::rows::coderd_api_requests_processed_total::labels labels{"200", "GET", "/"};
#else
  coderd::rows::coderd_api_requests_processed_total::labels labels{
      .code = "200", .method = "GET", .path = "/"};
#endif
  coderd::metric<"coderd_api_requests_processed_total">.with(labels).inc();
}
