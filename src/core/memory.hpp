// memory.hpp: memory of the core, which never comes from operator new.
//
// A program may replace operator new by one that counts into a metric. An update that attaches its
// thread, or makes a series, must then not come back to itself; so all that such an update needs is
// taken from malloc.
//
// Threads: any.

#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "stele/cell.hpp"

namespace stele::core {

/// Zeroed memory on cache lines of its own, so that nobody else's cell shares one with it. Null
/// where there is none. Released with std::free.
inline std::byte* allocate_lines(std::size_t bytes) noexcept {
  std::size_t const lines =
      std::max<std::size_t>((bytes + cache_line_bytes - 1) / cache_line_bytes, 1);
  void* const memory = std::aligned_alloc(cache_line_bytes, lines * cache_line_bytes);
  return static_cast<std::byte*>(
      memory == nullptr ? nullptr : std::memset(memory, 0, lines * cache_line_bytes));
}

template <class T>
struct allocator {
  using value_type = T;

  allocator() = default;
  template <class U>
  constexpr allocator(allocator<U> const&) noexcept {}

  T* allocate(std::size_t count) {
    if (count > std::numeric_limits<std::size_t>::max() / sizeof(T)) throw std::bad_alloc();
    if (void* const memory = std::malloc(std::max<std::size_t>(count * sizeof(T), 1)))
      return static_cast<T*>(memory);
    throw std::bad_alloc();
  }
  void deallocate(T* memory, std::size_t) noexcept { std::free(memory); }

  bool operator==(allocator const&) const = default;
};

template <class T>
using vector = std::vector<T, allocator<T>>;
using string = std::basic_string<char, std::char_traits<char>, allocator<char>>;

/// Makes room for one more, so that the next push_back cannot fail.
template <class T>
void reserve_one(vector<T>& items) {
  if (items.size() == items.capacity()) items.reserve(std::max<std::size_t>(4, 2 * items.size()));
}

/// An object in memory of malloc's. Throws std::bad_alloc, and what the constructor throws.
template <class T, class... Arguments>
T* make(Arguments&&... arguments) {
  static_assert(alignof(T) <= alignof(std::max_align_t));
  T* const memory = allocator<T>().allocate(1);
  try {
    return new (memory) T(std::forward<Arguments>(arguments)...);
  } catch (...) {
    std::free(memory);
    throw;
  }
}

/// An object on cache lines of its own, or null where there is no memory. None of it is touched but
/// by the constructor.
template <class T>
T* make_on_lines() noexcept {
  static_assert(alignof(T) == cache_line_bytes);
  void* const memory = std::aligned_alloc(cache_line_bytes, sizeof(T));
  return memory == nullptr ? nullptr : new (memory) T;
}

/// Null is allowed.
template <class T>
void destroy(T* object) noexcept {
  if (object == nullptr) return;
  object->~T();
  std::free(object);
}

/// For std::unique_ptr.
struct destroyer {
  template <class T>
  void operator()(T* object) const noexcept {
    destroy(object);
  }
};

/// Something that is there before the first constructor runs and after the last destructor.
template <class T>
union immortal {
  T value;

  constexpr immortal() : value() {}
  ~immortal() {}  // on purpose: the value is never destroyed
};

}  // namespace stele::core
