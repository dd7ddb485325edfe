// Each call that belongs to one series of a row with labels leads to with().
// errors: 14
// expect: a row with labels requires with({.label = value, …}) first, which names the series

#include <sample.hpp>

void call_all() {
  auto const& row = sample::metric<"sample_sessions">;
#ifdef WRONG
  row.inc();
  row.inc_from_signal();
  row.dec();
  row.set(1);
  row.set_to_current_time();
  auto tracked = row.track();
  row.observe(1);
  auto timed = row.time();
  auto counted = row.count_exceptions();
  row.switch_to("on");
  row.enable("on");
  row.disable("on");
  row.add(1);
  auto reading = row.read_from([] { return 1; });
#else
  row.with({.user = "a"}).inc();
  row.clear();
#endif
}
