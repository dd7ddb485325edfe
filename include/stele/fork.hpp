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

/// Forgets what was counted in these tables:
///
/// - Counters, histograms and summaries are 0, and their exemplars are gone: what they show was
///   counted in the parent's life. So are the counts of refusals and overflows.
/// - Gauges are 0 too: what the parent's other threads track() ends there, not here. A gauge that a
///   service sets once, such as a limit, is to be set again; and a track() object that was made
///   before takes its gauge below 0 when it ends, so make none around the fork.
/// - Series with open labels of all these types end. A handle that was made before starts its
///   series anew.
/// - Info rows and statesets stay, with open labels too: they say what is so, and the child's
///   memory is a copy of what they say it of. What is not so in the child, the child says.
/// - Callbacks of read_from() stay, and so do constant labels, limits and expiries. Rows that the
///   SDK feeds go on; the process_* rows are those of the child.
///
/// REQUIRES: no other thread of the process updates or gathers meanwhile, as in a child that has
/// not made a thread yet.
template <class... Tables>
void start_from_zero() noexcept {
  static_assert(sizeof...(Tables) > 0,
                "start_from_zero() requires a table; use start_from_zero<coderd::table>()");
  (core::start_from_zero(link_of<Tables>), ...);
}

}  // namespace stele
