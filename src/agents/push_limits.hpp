// push_limits.hpp: the bounds on what agents push, as the public header has them.
//
//   push_limits const limits{.series_per_workspace_max = 1'000};
//
// Threads: a value.

#pragma once

#include "stele/agent_options.hpp"

namespace stele::pushing {

using stele::push_limits;

}  // namespace stele::pushing
