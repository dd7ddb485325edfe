// summary_clock.hpp: the time of all summaries' windows. Gathers read it, the endpoint's timer,
// observations now and then, so that it is right where nobody gathers, and tests hold it.
//
// Threads: any.

#pragma once

#include <atomic>

#include "stele/sketch.hpp"

namespace stele::core {

/// The number of the present slice of every summary's window. See tick_summary_epoch().
extern std::atomic<sketch::epoch> summary_epoch;

}  // namespace stele::core
