// short_malloc.hpp: a program whose malloc fails from a chosen call on. For one unit of a program.
//
//   spared = true;                    // the test's own thread
//   calls_left = 3;                   // the others' fourth call finds no memory
//   calls_left = endless;
//
// Threads: any.

#pragma once

#include <atomic>
#include <cerrno>
#include <cstddef>

extern "C" {
void* __libc_malloc(std::size_t bytes);
void* __libc_calloc(std::size_t count, std::size_t bytes);
void* __libc_realloc(void* memory, std::size_t bytes);
void* __libc_memalign(std::size_t alignment, std::size_t bytes);
}

namespace {

constexpr int endless = 1 << 30;

/// How many more calls are served: of this thread, and of those that are not spared.
constinit thread_local int own_calls_left = endless;
constinit std::atomic<int> calls_left{endless};
constinit thread_local bool spared = false;

bool is_served() noexcept {
  if (own_calls_left != endless) return own_calls_left-- > 0;
  if (spared || calls_left.load(std::memory_order_relaxed) == endless) return true;
  return calls_left.fetch_sub(1, std::memory_order_relaxed) > 0;
}

void* served(void* memory) noexcept {
  if (memory == nullptr) errno = ENOMEM;
  return memory;
}

}  // namespace

extern "C" void* malloc(std::size_t bytes) {
  return served(is_served() ? __libc_malloc(bytes) : nullptr);
}
extern "C" void* calloc(std::size_t count, std::size_t bytes) {
  return served(is_served() ? __libc_calloc(count, bytes) : nullptr);
}
extern "C" void* realloc(void* memory, std::size_t bytes) {
  return served(is_served() ? __libc_realloc(memory, bytes) : nullptr);
}
extern "C" void* aligned_alloc(std::size_t alignment, std::size_t bytes) {
  return served(is_served() ? __libc_memalign(alignment, bytes) : nullptr);
}
extern "C" int posix_memalign(void** to, std::size_t alignment, std::size_t bytes) {
  if (!is_served()) return ENOMEM;
  *to = __libc_memalign(alignment, bytes);
  return *to == nullptr ? ENOMEM : 0;
}
