// A shared object that counts: what the tests of this folder load, in several builds of it.

#include PLUGIN_TABLE
#include <stele/testing.hpp>

#include <cstddef>
#include <cstdint>

#include "plugin.hpp"

using sample::metric;

void plugin_count(std::uint64_t amount) {
  metric<"sample_jobs_total">.inc(amount);
  metric<"sample_requests_total">.with({.code = "200", .path = "/plugin"}).inc(amount);
  metric<"sample_hold_seconds">.observe(1.0);
}

std::uint64_t plugin_value() { return stele::testing::value(metric<"sample_jobs_total">); }

void const* plugin_slab() { return static_cast<std::byte*>(stele::thread_slab<sample::table>); }

#if defined(PLUGIN_OWN_ROW)
void plugin_count_own_row() { metric<PLUGIN_OWN_ROW>.inc(); }
#endif
