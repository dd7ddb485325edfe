// thread.hpp: what a thread is attached to.

#pragma once

#include <cstddef>

#include "core/table_state.hpp"

namespace stele::core {

/// The calling thread's slab of a table, or null.
std::byte* slab_of_this_thread(table_state const& state) noexcept;

/// So that no thread is making the key when it is needed.
void make_thread_key() noexcept;

}  // namespace stele::core
