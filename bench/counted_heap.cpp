#include "counted_heap.hpp"

#include <malloc.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>

extern "C" {
void* __libc_malloc(std::size_t bytes);
void* __libc_calloc(std::size_t count, std::size_t bytes);
void* __libc_realloc(void* memory, std::size_t bytes);
void* __libc_memalign(std::size_t alignment, std::size_t bytes);
void __libc_free(void* memory);
}

namespace {

constinit std::atomic<std::size_t> level{0};
constinit std::atomic<std::size_t> peak{0};

void* taken(void* memory) noexcept {
  if (memory == nullptr) return nullptr;
  std::size_t const bytes = ::malloc_usable_size(memory);
  std::size_t const now = level.fetch_add(bytes) + bytes;
  std::size_t most = peak.load();
  while (now > most && !peak.compare_exchange_weak(most, now)) continue;
  return memory;
}

void given_back(void* memory) noexcept {
  if (memory != nullptr) level.fetch_sub(::malloc_usable_size(memory));
}

}  // namespace

extern "C" {

void* malloc(std::size_t bytes) { return taken(__libc_malloc(bytes)); }
void* calloc(std::size_t count, std::size_t bytes) { return taken(__libc_calloc(count, bytes)); }
void* memalign(std::size_t alignment, std::size_t bytes) {
  return taken(__libc_memalign(alignment, bytes));
}
void* aligned_alloc(std::size_t alignment, std::size_t bytes) {
  return taken(__libc_memalign(alignment, bytes));
}
int posix_memalign(void** memory, std::size_t alignment, std::size_t bytes) {
  void* const made = taken(__libc_memalign(alignment, bytes));
  if (made == nullptr) return ENOMEM;
  *memory = made;
  return 0;
}
void free(void* memory) {
  given_back(memory);
  __libc_free(memory);
}

/// Where it moves, the old block and the new one are both there for a moment, and both counted.
void* realloc(void* memory, std::size_t bytes) {
  if (memory == nullptr) return malloc(bytes);
  std::size_t const before = ::malloc_usable_size(memory);
  void* const made = taken(__libc_realloc(memory, bytes));
  if (made != nullptr || bytes == 0) level.fetch_sub(before);
  return made;
}
}

namespace bench {

std::size_t heap_bytes() noexcept { return level.load(); }
std::size_t heap_peak() noexcept { return peak.load(); }
void begin_peak() noexcept { peak.store(level.load()); }

}  // namespace bench
