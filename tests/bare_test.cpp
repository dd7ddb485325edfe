// A service without exceptions and run-time types: this unit is compiled with -fno-exceptions
// -fno-rtti, counts in every kind of instrument, and reads the exposition. The library has both.

#include <coderd.hpp>
#include <sample.hpp>

#include <chrono>
#include <cstdio>
#include <string>

#if defined(__cpp_exceptions) || defined(__cpp_rtti) || defined(__GXX_RTTI)
#error "this unit must be compiled with -fno-exceptions -fno-rtti"
#endif

using sample::metric;

namespace {

// UBSan looks at the run-time type of what the library calls: a callback made here has none.
#if defined(__has_feature)
#if __has_feature(undefined_behavior_sanitizer)
#define WITHOUT_CALLBACKS
#endif
#endif

void update() {
  metric<"sample_jobs_total">.inc();
  metric<"sample_wait_seconds_total">.inc(std::chrono::milliseconds(250));
  metric<"sample_requests_total">.with({.code = "200", .path = "/"}).inc(2);
  metric<"sample_request_latency_ms">.with({.method = sample::method::GET}).observe(3);
  metric<"sample_response_bytes">.observe(100);
  metric<"sample_pause_seconds">.observe(2.5);
  metric<"sample_queue_length">.set(4);
  metric<"sample_started_at_unix">.set_to_current_time();
  auto const busy = metric<"sample_sessions">.with({.user = "u"}).track();
  auto timer = metric<"sample_hold_seconds">.time();
  timer.stop();
  coderd::metric<"coderd_license_user_count">.set(12);
}

bool shows(std::string const& text, char const* line) {
  if (text.find(line) != std::string::npos) return true;
  std::printf("expected the line %sin the exposition, saw\n%s", line, text.c_str());
  return false;
}

}  // namespace

int main() {
  update();
#if defined(WITHOUT_CALLBACKS)
  metric<"sample_temperature_celsius">.set(21.5);
#else
  auto const reading = metric<"sample_temperature_celsius">.read_from([] { return 21.5; });
#endif
  std::string text;
  auto const write = [&](std::string_view chunk) { text += chunk; };
  stele::expose(stele::gather<sample::table>(), stele::format::text, write);
  stele::expose(stele::gather<coderd::table>(), stele::format::text, write);
  bool passed = true;
  for (char const* line : {
           "sample_jobs_total 1\n",
           "sample_wait_seconds_total 0.25\n",
           "sample_requests_total{code=\"200\",path=\"/\"} 2\n",
           "sample_request_latency_ms_bucket{method=\"GET\",le=\"5\"} 1\n",
           "sample_response_bytes_sum 100\n",
           "sample_pause_seconds_count 1\n",
           "sample_queue_length 4\n",
           "sample_sessions{user=\"u\"} 0\n",
           "sample_hold_seconds_count 1\n",
           "sample_temperature_celsius 21.5\n",
           "coderd_license_user_count 12\n",
       })
    passed = shows(text, line) && passed;
  return passed ? 0 : 1;
}
