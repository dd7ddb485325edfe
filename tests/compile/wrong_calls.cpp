// Each call that a type lacks says which type has it; there is a line of the message for each.
// errors: 18
// expect: inc() requires a counter or a gauge
// expect: inc_from_signal() requires a counter
// expect: dec() requires a gauge
// expect: set() requires a gauge
// expect: set_to_current_time() requires a gauge
// expect: track() requires a gauge
// expect: observe() requires a histogram or a summary
// expect: time() requires a histogram or a summary
// expect: count_exceptions() requires a counter
// expect: read_from() requires a counter, a gauge or a histogram
// expect: switch_to() requires a stateset
// expect: enable() requires a stateset
// expect: disable() requires a stateset
// expect: add() requires an info row
// expect: remove() requires a row with an open label
// expect: clear() requires a row with an open label
// expect: limit_series() requires a row with an open label
// expect: expire_after() requires a row with an open label

#include <sample.hpp>

void call_all() {
  auto const& counter = sample::metric<"sample_jobs_total">;
  auto const& gauge = sample::metric<"sample_queue_length">;
  auto const& summary = sample::metric<"sample_pause_seconds">;
#ifdef WRONG
  summary.inc();
  gauge.inc_from_signal();
  counter.dec(2);
  counter.set(1);
  counter.set_to_current_time();
  auto tracked = counter.track();
  counter.observe(1);
  auto timed = counter.time();
  auto counted = gauge.count_exceptions();
  auto reading = summary.read_from([] { return 1; });
  gauge.switch_to("on");
  gauge.enable("on");
  gauge.disable("on");
  gauge.add(1);
  gauge.remove();
  gauge.clear();
  gauge.limit_series(2);
  gauge.expire_after(3);
#else
  summary.observe(1);
  gauge.dec(2);
  counter.inc();
#endif
}
