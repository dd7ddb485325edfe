// cardinality_case.hpp: what the tests of fewer series share.
//
//   pushed_store agents({.rules = keeping({no_labels, {}})});
//   EXPECT_SHOWN(agents, "coderd_workspace_jobs 3");
//
// Threads: one.

#pragma once

#include <utility>
#include <vector>

#include "pushed_bundles.hpp"

namespace pushed {

constexpr auto no_labels = pushing::kept_labels::which::none;

inline pushing::cardinality keeping(pushing::kept_labels keep,
                                    std::vector<pushing::stated_function> functions = {}) {
  return {{}, {}, std::move(keep), std::move(functions)};
}

}  // namespace pushed

#define EXPECT_SHOWN(agents, expected)        \
  do {                                        \
    auto const is = (agents).shows(expected); \
    EXPECT_TRUE(is) << is.message();          \
  } while (false)
