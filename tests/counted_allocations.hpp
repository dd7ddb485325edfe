// counted_allocations.hpp: every call of malloc and operator new in a program is counted, whoever
// makes it. For one unit of a program.
//
//   std::uint64_t const before = allocation_count();
//   work();
//   EXPECT_EQ(allocation_count() - before, 0U);
//
// Only where STELE_TEST_COUNTS_ALLOCATIONS is defined: a sanitizer has an allocator of its own,
// which must not be replaced.

#pragma once

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>

#include "sanitized.hpp"

#if !STELE_TEST_SANITIZED && defined(__GLIBC__)

#define STELE_TEST_COUNTS_ALLOCATIONS 1

namespace {

// Of all threads.
constinit std::atomic<std::uint64_t> allocations{0};
constinit std::atomic<std::uint64_t> news{0};  // those of them that operator new was asked for

[[maybe_unused]] std::uint64_t allocation_count() noexcept { return allocations.load(); }
[[maybe_unused]] std::uint64_t new_count() noexcept { return news.load(); }

}  // namespace

// glibc's own, under the names that it keeps for who replaces malloc.
extern "C" {
void* __libc_malloc(std::size_t) noexcept;
void* __libc_calloc(std::size_t, std::size_t) noexcept;
void* __libc_realloc(void*, std::size_t) noexcept;
void* __libc_memalign(std::size_t, std::size_t) noexcept;

void* malloc(std::size_t bytes) noexcept {
  allocations.fetch_add(1, std::memory_order_relaxed);
  return __libc_malloc(bytes);
}
void* calloc(std::size_t count, std::size_t bytes) noexcept {
  allocations.fetch_add(1, std::memory_order_relaxed);
  return __libc_calloc(count, bytes);
}
void* realloc(void* old, std::size_t bytes) noexcept {
  allocations.fetch_add(1, std::memory_order_relaxed);
  return __libc_realloc(old, bytes);
}
void* aligned_alloc(std::size_t alignment, std::size_t bytes) noexcept {
  allocations.fetch_add(1, std::memory_order_relaxed);
  return __libc_memalign(alignment, bytes);
}
int posix_memalign(void** memory, std::size_t alignment, std::size_t bytes) noexcept {
  allocations.fetch_add(1, std::memory_order_relaxed);
  *memory = __libc_memalign(alignment, bytes);
  return *memory == nullptr ? ENOMEM : 0;
}
}

void* operator new(std::size_t bytes) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  news.fetch_add(1, std::memory_order_relaxed);
  if (void* const memory = __libc_malloc(bytes)) return memory;
  throw std::bad_alloc();
}
// Not inlined: g++ would see memory of operator new go to free().
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

#endif
