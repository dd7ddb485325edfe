// sketch_memory.hpp: where sketches come from: malloc, since a program may count what operator new
// is asked for into a metric of its own.

#pragma once

#include <cstdlib>
#include <new>

namespace stele::core {

/// A new object, or null where there is no memory.
template <class Type>
Type* make() noexcept {
  static_assert(sizeof(Type) % alignof(Type) == 0);  // as aligned_alloc demands
  void* const memory = std::aligned_alloc(alignof(Type), sizeof(Type));
  return memory == nullptr ? nullptr : new (memory) Type;
}

/// Null is allowed.
template <class Type>
void destroy(Type* object) noexcept {
  if (object == nullptr) return;
  object->~Type();
  std::free(object);
}

}  // namespace stele::core
