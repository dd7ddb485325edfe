// glob.hpp: patterns with `*`, as views and the agents' rules have them.
//
//   matches_glob("go_*", "go_threads")
//
// Threads: a pure function.

#pragma once

#include <string_view>

#include "stele/api.hpp"

namespace stele::core {

/// Whether `*` in a pattern, which stands for any characters, can make it the text.
STELE_API bool matches_glob(std::string_view pattern, std::string_view text) noexcept;

}  // namespace stele::core
