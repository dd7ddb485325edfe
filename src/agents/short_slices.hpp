// short_slices.hpp: a thread that works seldom and shortly, and should not wait for one that works
// without a pause.
//
//   std::thread([] { ask_for_short_slices(); … });
//
// A scrape of a million series keeps its thread at work for a tenth of a second. Where no processor
// is free a push, which takes some 20 microseconds, would wait until that thread's slice of the
// scheduler ends, a millisecond or more. A thread whose own slices are shorter comes first when it
// wakes; over time it gets no more of a processor than before, and nobody has to allow it.
//
// Threads: the one that calls it is the one that it is for.

#pragma once

namespace stele::pushing {

/// Does nothing where the kernel has no such slices (before Linux 6.12), or where the thread has a
/// policy of its own, a real-time one for example.
void ask_for_short_slices() noexcept;

}  // namespace stele::pushing
