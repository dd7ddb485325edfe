// A plugin whose static constructor waits for a thread's first update.

#include <sample.hpp>
#include <stele/testing.hpp>

#include <thread>

#include "plugin.hpp"

using sample::metric;

namespace {

[[maybe_unused]] bool const counted = [] {
  std::thread([] { metric<"sample_jobs_total">.inc(); }).join();
  return true;
}();

}  // namespace

void plugin_count(std::uint64_t) {}

std::uint64_t plugin_value() { return stele::testing::value(metric<"sample_jobs_total">); }
