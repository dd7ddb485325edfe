// thread.hpp: what a thread is attached to.
//
//   attachment* const mine = attachment_of_this_thread(state);   // null before its first update
//
// Threads: each is told of itself.

#pragma once

#include "core/table_state.hpp"

namespace stele::core {

/// What the calling thread has of a table, or null.
attachment* attachment_of_this_thread(table_state const& state) noexcept;

}  // namespace stele::core
