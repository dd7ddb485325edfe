// option_check.hpp: what is wrong with the numbers of serve_options.
//
//   if (auto wrong = objection_to(options)) return *wrong;
//
// Threads: pure functions.

#pragma once

#include <optional>

#include "stele/result.hpp"
#include "stele/serve.hpp"

namespace stele::serving {

/// Of the first bound with which nothing could be served. Throws std::bad_alloc.
std::optional<error> objection_to(serve_options const& options);

}  // namespace stele::serving
