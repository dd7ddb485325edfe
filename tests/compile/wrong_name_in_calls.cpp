// A name that is not in the table is one error, whatever is called on it.
// errors: 1
// expect: requires a name from the table

#include <sample.hpp>

void call_all() {
#ifdef WRONG
  auto const& row = sample::metric<"sample_sesions">;
  row.inc();
  row.inc_from_signal();
  row.dec(2);
  row.set(1);
  row.set_to_current_time();
  auto tracked = row.track();
  row.observe(1);
  auto timed = row.time();
  auto counted = row.count_exceptions();
  auto reading = row.read_from([] { return 1; });
  row.switch_to("on");
  row.enable("on");
  row.disable("on");
  row.add(1);
  row.remove();
  row.clear();
  row.limit_series(2);
  row.expire_after(3);
  row.with().inc();
#else
  sample::metric<"sample_sessions">.with({.user = "a"}).inc();
#endif
}
