// thread.hpp: what a thread is attached to.
//
//   std::byte* const slab = slab_of_this_thread(state);   // null before its first update
//
// Threads: each is told of itself.

#pragma once

#include <cstddef>

#include "core/table_state.hpp"

namespace stele::core {

/// The calling thread's slab of a table, or null.
std::byte* slab_of_this_thread(table_state const& state) noexcept;

}  // namespace stele::core
