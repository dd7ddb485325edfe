// memory.hpp: memory of the core, which never comes from operator new, and is counted by what it
// is for.
//
// A program may replace operator new by one that counts into a metric, or throws. No call of the
// core may then come back to itself, with a lock held; so all that the core needs is taken from
// malloc, here and nowhere else. (What stele/exemplar.hpp and stele/diagnostics.hpp hold a callback
// in is the program's, made in its call, without a lock.)
//
// Where there is none: what has to make an object throws std::bad_alloc and leaves everything as it
// was; an update that needs one is refused and counted, or takes another way (docs/threads.md).
//
//   vector<sample, memory_part::readings> samples;      // throws std::bad_alloc
//   auto* const made = make<table_state>(table);        // so does this
//   std::byte* const cell = allocate_lines(memory_part::slabs, bytes);   // or null
//   release_lines(memory_part::slabs, cell, bytes);
//
// Threads: any.

#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "stele/api.hpp"
#include "stele/cell.hpp"

namespace stele::core {

/// What memory is for: a value of the label `part` of stele_memory_bytes, in the order of
/// memory_part_names (stele/self.hpp).
enum class memory_part : std::uint8_t {
  exemplars,
  native_buckets,
  open_blocks,    // the threads' cells of open series
  open_series,    // what all threads share of one: its labels, what ended threads counted
  pages,          // of closed rows with many series, the threads' and what ended threads left
  pushed_series,  // what agents pushed: labels, values, and which group each series is of
  readings,       // registered callbacks, and what they gave
  sketches,       // of summaries, the threads' and what ended threads left
  slabs,          // the threads'
  snapshots,      // and what a gather needs for one
  tables,         // what there is once a table or a process
  thread_maps,    // from label values to the threads' blocks
};

inline constexpr std::size_t memory_parts = static_cast<std::size_t>(memory_part::thread_maps) + 1;

/// How many bytes are taken for a part at this moment, as they were asked for.
STELE_API std::size_t memory_bytes(memory_part part) noexcept;

/// Null where there is no memory. What has 2 MiB or more is aligned to that, and stands on large
/// pages where the system has them.
STELE_API void* allocate(memory_part part, std::size_t bytes) noexcept;
/// `bytes` are those that were asked for. Null is allowed.
STELE_API void release(memory_part part, void* memory, std::size_t bytes) noexcept;

/// The same, in whole multiples of an alignment. REQUIRES: a power of two.
STELE_API void* allocate_aligned(memory_part part, std::size_t bytes,
                                 std::align_val_t alignment) noexcept;
STELE_API void release_aligned(memory_part part, void* memory, std::size_t bytes,
                               std::align_val_t alignment) noexcept;

/// Zeroed, on cache lines of its own, so that nobody else's cell shares one with it.
STELE_API std::byte* allocate_lines(memory_part part, std::size_t bytes) noexcept;
STELE_API void release_lines(memory_part part, void* memory, std::size_t bytes) noexcept;

template <class T, memory_part Part = memory_part::tables>
struct allocator {
  using value_type = T;
  template <class U>
  struct rebind {
    using other = allocator<U, Part>;
  };

  allocator() = default;
  template <class U>
  constexpr allocator(allocator<U, Part> const&) noexcept {}

  T* allocate(std::size_t count) {
    static_assert(alignof(T) <= alignof(std::max_align_t));
    if (count > std::numeric_limits<std::size_t>::max() / sizeof(T)) throw std::bad_alloc();
    if (void* const memory = core::allocate(Part, count * sizeof(T)))
      return static_cast<T*>(memory);
    throw std::bad_alloc();
  }
  void deallocate(T* memory, std::size_t count) noexcept {
    release(Part, memory, count * sizeof(T));
  }

  bool operator==(allocator const&) const = default;
};

template <class T, memory_part Part = memory_part::tables>
using vector = std::vector<T, allocator<T, Part>>;
template <memory_part Part>
using string_of = std::basic_string<char, std::char_traits<char>, allocator<char, Part>>;
using string = string_of<memory_part::tables>;

/// Makes room for one more, so that the next push_back cannot fail.
template <class T, memory_part Part>
void reserve_one(std::vector<T, allocator<T, Part>>& items) {
  if (items.size() == items.capacity()) items.reserve(std::max<std::size_t>(4, 2 * items.size()));
}

/// An object in memory of a part. Throws std::bad_alloc, and what the constructor throws.
template <class T, memory_part Part = memory_part::tables, class... Arguments>
T* make(Arguments&&... arguments) {
  T* const memory = allocator<T, Part>().allocate(1);
  try {
    return new (memory) T(std::forward<Arguments>(arguments)...);
  } catch (...) {
    release(Part, memory, sizeof(T));
    throw;
  }
}

/// What make() made, of the same part. Null is allowed.
template <memory_part Part = memory_part::tables, class T>
void destroy(T* object) noexcept {
  if (object == nullptr) return;
  object->~T();
  release(Part, object, sizeof(T));
}

/// An object on cache lines of its own, or null where there is no memory. None of it is touched but
/// by the constructor.
template <class T, memory_part Part>
T* make_on_lines() noexcept {
  static_assert(alignof(T) == cache_line_bytes);
  void* const memory = allocate_aligned(Part, sizeof(T), std::align_val_t{alignof(T)});
  return memory == nullptr ? nullptr : new (memory) T;
}

/// What make_on_lines() made, of the same part. Null is allowed.
template <memory_part Part, class T>
void destroy_on_lines(T* object) noexcept {
  if (object == nullptr) return;
  object->~T();
  release_lines(Part, object, sizeof(T));
}

/// For std::unique_ptr of what make() made.
template <memory_part Part = memory_part::tables>
struct destroyer {
  template <class T>
  void operator()(T* object) const noexcept {
    destroy<Part>(object);
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
