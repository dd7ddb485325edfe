// counted_heap.hpp: how many bytes of heap the whole process has, and had at most.
//
//   bench::begin_peak();
//   …
//   std::size_t const most = bench::heap_peak() - level;
//
// A program that links this has a malloc that counts, whoever calls it: the library, the C++ and
// the C library. Blocks are counted as malloc_usable_size() has them, which is never less than was
// asked for. Stacks, static memory and the kernel's socket buffers are not heap.
//
// Threads: any.

#pragma once

#include <cstddef>

namespace bench {

std::size_t heap_bytes() noexcept;
std::size_t heap_peak() noexcept;

/// The peak is the level of now, until there is more.
void begin_peak() noexcept;

}  // namespace bench
