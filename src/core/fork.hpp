// fork.hpp: what becomes of the library in the child of a fork(), and the order of its locks.
//
// The child has the parent's memory and one thread, the one that called fork(). No lock may be left
// held by a thread that is not there, so all are taken before the fork and given back after it; in
// between the child repairs what other threads left half done.
//
// THE ORDER OF LOCKS of the whole library. Who holds one takes only those that stand below it:
//
//   1. forks' own        (src/core/fork.cpp)
//   2. the endpoint's    the list of sockets (src/serve/fork.cpp)
//   3. readings'         callback_runner::mutex
//   4. tables'           tables::mutex
//   5. a table's         table_state::mutex; a fork takes all of them, oldest table first
//   6. snapshots' pool   pool_mutex()
//   7. diagnostics'      reports_mutex()
//
// A lock that the child never takes is not among them: those inside an endpoint, which knows that
// it is the parent's (endpoint::impl::is_here()), and those of family_sources, of which the child has
// none. Memory comes from malloc under 2 and from 4 on; a program may count its operator new in a
// metric, which takes 4 and 5.
//
// Threads: any.

#pragma once

#include "stele/api.hpp"

namespace stele::core {

/// What one part of the library does around a fork.
struct fork_part {
  void (*lock)() noexcept;    // before it
  void (*unlock)() noexcept;  // after it, in the parent and in the child
  void (*repair)() noexcept;  // in the child, while all parts are locked
};

/// The part of the endpoint, which is a library of its own, and is kept loaded from now on.
STELE_API void set_endpoint_part(fork_part const& part) noexcept;

/// Registers the handlers, once. Called where the first table is made, and at loading.
void survive_forks() noexcept;

}  // namespace stele::core
