// plugin.hpp: what a plugin of the tests exports, by names that dlsym() finds.

#pragma once

#include <cstdint>

#define PLUGIN_API extern "C" [[gnu::visibility("default")]]

/// Adds `amount` to sample_jobs_total and to one series of sample_requests_total, and observes 1.0
/// in sample_hold_seconds.
PLUGIN_API void plugin_count(std::uint64_t amount);

/// The value of sample_jobs_total, as this object sees it.
PLUGIN_API std::uint64_t plugin_value();

/// The pointer that this object caches to the calling thread's slab.
PLUGIN_API void const* plugin_slab();

/// Adds one to a row that no other object uses.
PLUGIN_API void plugin_count_own_row();
