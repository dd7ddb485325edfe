// agents_epoch.hpp: whether an epoch may be what an agent says.
//
//   if (!is_agents_epoch(said, core::unix_milliseconds())) refuse(agents_epoch_words);
//
// Threads: pure functions.

#pragma once

#include <string_view>

#include "agents/store.hpp"

namespace stele::pushing {

/// How far ahead of the clock here. An epoch holds every push off that has an older one: what no
/// clock says would take a workspace away for good. This is for how long epochs are remembered.
inline constexpr epoch epoch_ahead_max = 600'000;

inline constexpr std::string_view agents_epoch_words =
    "expected an epoch in milliseconds since 1970, from 1 to ten minutes ahead of this instance's "
    "clock, saw another value; send the time at which the connection began";

constexpr bool is_agents_epoch(epoch said, epoch now) noexcept {
  return said > 0 && said <= now + epoch_ahead_max;
}

}  // namespace stele::pushing
