// one_copy.hpp: a process has one copy of Stele's core, since a table's state exists once.
//
// A static libstele that is linked into several shared objects would give each a state of its own,
// and a scrape would show what one of them counted. Their symbols may be hidden or renamed, so a
// copy is known by an ELF note instead, which stands in the object that carries the copy.
//
//   require_one_copy();       // before a table is made; an object that carries a copy does it
//                             // when it is loaded, too
//
// Threads: any. REQUIRES: no lock of Stele's is held. The loader's is taken, but only until the
// object that carries this copy has been loaded, or at its first table before: a later copy looks
// for itself, and in the child of a fork another thread may have left the loader's lock held.

#pragma once

namespace stele::core {

/// Ends the process with a message if a second loaded object carries a copy of the core.
void require_one_copy() noexcept;

}  // namespace stele::core
