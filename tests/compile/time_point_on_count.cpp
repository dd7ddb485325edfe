// A point in time on a row that is none.
// expect: a time_point requires a row whose unit is unix

#include <sample.hpp>

#include <chrono>

void count() {
#ifdef WRONG
  sample::metric<"sample_temperature_celsius">.set(std::chrono::system_clock::now());
#else
  sample::metric<"sample_started_at_unix">.set(std::chrono::system_clock::now());
#endif
}
