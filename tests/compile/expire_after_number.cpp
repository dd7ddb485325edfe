// Idle time without a unit: the message names the call and what to write.
// expect: expire_after() requires a std::chrono::duration; use expire_after(30min)
// errors: 1

#include <coderd.hpp>

#include <chrono>

void configure() {
#ifdef WRONG
  coderd::metric<"coderd_api_requests_processed_total">.expire_after(30);
#else
  coderd::metric<"coderd_api_requests_processed_total">.expire_after(std::chrono::minutes(30));
#endif
}
