// fork_copies.hpp: copies of what other threads observe while one forks.
//
// A thread that is in the middle of an observation at the fork is not in the child to end it; the
// cell is then as the last copy of it says. So all cells are copied before a fork, and for its time
// all threads but the one that forks copy at each observation: what is missing is the one that was
// under way. (Of a summary, whose thread looks whether it is asked once in so many observations, it
// may be sketch::looks_apart_max, where it began to observe in that moment.) A thread that is
// preempted in the middle of an observation is waited for, but not for ever.
//
//   begin_fork_copies();   // before the fork
//   end_fork_copies();     // after it, in the parent; the child folds cells as their copies say
//
// Threads: the one that forks, with the mutexes of all tables held.

#pragma once

namespace stele::core {

/// Waits no longer than some 50 ms, and only for threads that are in mid-observation.
void begin_fork_copies() noexcept;
/// In the parent. In the child the cells are no more.
void end_fork_copies() noexcept;

}  // namespace stele::core
