// fork.hpp: for programs that fork() without exec().
//
// The child goes on from the parent's values: what all threads of the parent had counted is there,
// and is exposed by the child as its own. Where that is not wanted, the child starts from zero:
//
//   if (fork() == 0) {
//     stele::start_from_zero<coderd::table>();
//     …
//   }
//
// An endpoint does not exist in the child; the child makes its own. Threads: see start_from_zero().

#pragma once

#include "slab.hpp"

namespace stele {

namespace core {
STELE_API void start_from_zero(table_link& link) noexcept;
}  // namespace core

/// Forgets all that was counted in these tables, and ends their series with open labels. Callbacks
/// of read_from() stay. REQUIRES: no other thread of the process updates or gathers meanwhile, as
/// in a child that has not made a thread yet.
template <class... Tables>
void start_from_zero() noexcept {
  (core::start_from_zero(link_of<Tables>), ...);
}

}  // namespace stele
