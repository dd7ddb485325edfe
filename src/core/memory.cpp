#include "core/memory.hpp"

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

void* counted(memory_part part, void* memory, std::size_t bytes) noexcept {
  if (memory != nullptr) taken_for(part).fetch_add(bytes, std::memory_order_relaxed);
  return memory;
}

}  // namespace

std::size_t memory_bytes(memory_part part) noexcept {
  return taken_for(part).load(std::memory_order_relaxed);
}

void* allocate(memory_part part, std::size_t bytes) noexcept {
  return counted(part, std::malloc(std::max<std::size_t>(bytes, 1)), bytes);
}

void release(memory_part part, void* memory, std::size_t bytes) noexcept {
  if (memory != nullptr) taken_for(part).fetch_sub(bytes, std::memory_order_relaxed);
  std::free(memory);
}

void* allocate_aligned(memory_part part, std::size_t bytes, std::align_val_t alignment) noexcept {
  std::size_t const taken_bytes = whole(bytes, alignment);
  void* const memory = std::aligned_alloc(static_cast<std::size_t>(alignment), taken_bytes);
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
