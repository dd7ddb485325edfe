// kept_memory.hpp: memory that is used again, without what an unusual body needed.
//
//   forget(samples);   // empty; its memory is kept if it is little
//
// Threads: pure functions.

#pragma once

#include <cstddef>

namespace stele::pushing {

/// Of a vector or string: what one unusual body needed is not kept for the usual ones.
template <class Items>
void forget(Items& items) noexcept {
  constexpr std::size_t kept_bytes_max = std::size_t{1} << 20;
  if (items.capacity() * sizeof(typename Items::value_type) > kept_bytes_max)
    Items().swap(items);
  else
    items.clear();
}

}  // namespace stele::pushing
