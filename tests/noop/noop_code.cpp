// One function a call: with -Dinstruments=false each must compile to nothing but a return.

#include <sample.hpp>

#include <chrono>

using sample::metric;

extern "C" {

void counter_inc() { metric<"sample_jobs_total">.inc(); }
void counter_inc_amount(std::int64_t amount) { metric<"sample_jobs_total">.inc(amount); }
void counter_inc_duration(std::chrono::milliseconds time) {
  metric<"sample_wait_seconds_total">.inc(time);
}
void counter_closed(sample::direction way) {
  metric<"sample_transfers_total">.with({.direction = way}).inc();
}
void counter_closed_text(char const* way, std::size_t size) {
  metric<"sample_transfers_total">.with({.direction = std::string_view(way, size)}).inc();
}
void counter_open(char const* path, std::size_t size) {
  metric<"sample_requests_total">.with({.code = "200", .path = std::string_view(path, size)}).inc();
}
void counter_exemplar(char const* id, std::size_t size) {
  metric<"sample_jobs_total">.inc(1, {{"trace_id", std::string_view(id, size)}});
}
void counter_exceptions() { auto const counted = metric<"sample_jobs_total">.count_exceptions(); }
void counter_signal() { metric<"sample_jobs_total">.inc_from_signal(); }
void gauge_set(std::int64_t value) { metric<"sample_queue_length">.set(value); }
void gauge_inc_dec() {
  metric<"sample_queue_length">.inc();
  metric<"sample_queue_length">.dec(3);
}
void gauge_track() { auto const busy = metric<"sample_queue_length">.track(); }
void gauge_time() { metric<"sample_started_at_unix">.set_to_current_time(); }
void histogram_observe(double value) { metric<"sample_hold_seconds">.observe(value); }
void histogram_time() { auto const timer = metric<"sample_hold_seconds">.time(); }
void histogram_exemplar(double value, char const* id, std::size_t size) {
  metric<"sample_hold_seconds">.observe(value, {{"trace_id", std::string_view(id, size)}});
}
void info_set(char const* stage, std::size_t size) {
  metric<"sample_target_info">.set({.stage = std::string_view(stage, size)});
  metric<"sample_target_info">.remove({.stage = std::string_view(stage, size)});
  metric<"sample_target_info">.clear();
}
void stateset_switch(char const* state, std::size_t size) {
  metric<"sample_switch">.switch_to(std::string_view(state, size));
}
void summary_observe(double value) { metric<"sample_pause_seconds">.observe(value); }
void summary_time() { auto const timer = metric<"sample_pause_seconds">.time(); }

}  // extern "C"
