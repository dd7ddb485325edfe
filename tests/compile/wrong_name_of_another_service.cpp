// A name that is nothing like any row still gives the one error, and no constexpr limit is met.
// expect: requires a name from the table
// expect: kube_pod_status_phase

#include <coderd.hpp>

void count() {
#ifdef WRONG
  coderd::metric<"kube_pod_status_phase">.set(1);
#else
  coderd::metric<"coderd_license_user_count">.set(1);
#endif
}
