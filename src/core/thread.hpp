// thread.hpp: what a thread is attached to.

#pragma once

#include "core/table_state.hpp"

namespace stele::core {

/// What the calling thread has of a table, or null.
attachment* attachment_of_this_thread(table_state const& state) noexcept;

}  // namespace stele::core
