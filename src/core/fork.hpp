// fork.hpp: what becomes of the tables in the child of a fork().
//
// The child has the parent's memory and one thread, the one that called fork(). No lock may be left
// held by a thread that is not there, so all are taken before the fork and given back after it;
// what the other threads counted is folded, as if they had ended.
//
//   survive_forks();   // with the first table
//
// Threads: any; fork() itself may be called by any thread at any time.

#pragma once

namespace stele::core {

/// Registers the handlers. Called once, when the first table is made.
void survive_forks() noexcept;

}  // namespace stele::core
