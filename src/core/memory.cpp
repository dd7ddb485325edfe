#include "core/memory.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <cstring>

namespace stele::core {

namespace {

/// Written where memory is taken and given back, which no update of an attached thread does.
constinit std::array<std::atomic<std::size_t>, memory_parts> taken{};

std::atomic<std::size_t>& taken_for(memory_part part) noexcept {
  return taken[static_cast<std::size_t>(part)];
}

constexpr std::align_val_t a_line{cache_line_bytes};

std::size_t whole(std::size_t bytes, std::align_val_t alignment) noexcept {
  auto const one = static_cast<std::size_t>(alignment);
  return (std::max<std::size_t>(bytes, 1) + one - 1) / one * one;
}

/// What is larger stands on pages of this size, where the system has them: a scrape of a million
/// series would else spend a good part of its time on finding pages.
constexpr std::size_t large_page_bytes = std::size_t{2} << 20;

/// REQUIRES: `alignment` is at most that.
void* take(std::size_t bytes, std::size_t alignment) noexcept {
  bool const large = bytes >= large_page_bytes;
  void* memory = nullptr;
  // std::aligned_alloc would want `bytes` to be a multiple of the alignment.
  if (::posix_memalign(&memory, large ? large_page_bytes : std::max(alignment, sizeof(void*)),
                       bytes) != 0)
    return nullptr;
  if (large)
    static_cast<void>(
        ::madvise(memory, bytes / large_page_bytes * large_page_bytes, MADV_HUGEPAGE));
  return memory;
}

void* counted(memory_part part, void* memory, std::size_t bytes) noexcept {
  if (memory != nullptr) taken_for(part).fetch_add(bytes, std::memory_order_relaxed);
  return memory;
}

}  // namespace

std::size_t memory_bytes(memory_part part) noexcept {
  return taken_for(part).load(std::memory_order_relaxed);
}

void* allocate(memory_part part, std::size_t bytes) noexcept {
  if (bytes >= large_page_bytes) return counted(part, take(bytes, 1), bytes);
  return counted(part, std::malloc(std::max<std::size_t>(bytes, 1)), bytes);
}

void release(memory_part part, void* memory, std::size_t bytes) noexcept {
  if (memory != nullptr) taken_for(part).fetch_sub(bytes, std::memory_order_relaxed);
  std::free(memory);
}

void* allocate_aligned(memory_part part, std::size_t bytes, std::align_val_t alignment) noexcept {
  std::size_t const taken_bytes = whole(bytes, alignment);
  void* const memory = take(taken_bytes, static_cast<std::size_t>(alignment));
  return counted(part, memory, taken_bytes);
}

void release_aligned(memory_part part, void* memory, std::size_t bytes,
                     std::align_val_t alignment) noexcept {
  release(part, memory, whole(bytes, alignment));
}

std::byte* allocate_lines(memory_part part, std::size_t bytes) noexcept {
  void* const memory = allocate_aligned(part, bytes, a_line);
  if (memory == nullptr) return nullptr;
  return static_cast<std::byte*>(std::memset(memory, 0, whole(bytes, a_line)));
}

void release_lines(memory_part part, void* memory, std::size_t bytes) noexcept {
  release_aligned(part, memory, bytes, a_line);
}

}  // namespace stele::core
