// handler_memory.hpp: memory for operations under way.
//
// Asio takes memory for each operation from the allocator of its handler. A connection has a few
// operations at once and the same ones again and again, so a few blocks that it has itself make
// that free of allocations.
//
//   handler_memory memory;
//   net::post(executor, net::bind_allocator(handler_allocator<void>(memory), [] { … }));
//
// Threads: any; a block may be given back by another thread than the one that took it.

#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <new>

namespace stele::serving {

class handler_memory {
 public:
  handler_memory() = default;
  handler_memory(handler_memory const&) = delete;
  handler_memory& operator=(handler_memory const&) = delete;

  /// Throws std::bad_alloc.
  [[nodiscard]] void* take(std::size_t bytes) {
    if (bytes <= block_bytes)
      for (block& each : blocks_)
        if (!each.taken.exchange(true, std::memory_order_acquire)) return each.bytes;
    return ::operator new(bytes);
  }
  void give(void* memory) noexcept {
    for (block& each : blocks_)
      if (memory == each.bytes) return each.taken.store(false, std::memory_order_release);
    ::operator delete(memory);
  }

 private:
  /// Room for a write of three buffers, which is the largest operation.
  static constexpr std::size_t block_bytes = 496;
  /// A read or a write, a timer, one that is cancelled and has not ended yet, and what the strand
  /// makes of each. More at once are taken from the heap.
  static constexpr std::size_t block_count = 6;

  struct block {
    alignas(std::max_align_t) std::byte bytes[block_bytes];
    std::atomic<bool> taken{false};
  };

  std::array<block, block_count> blocks_;
};

/// REQUIRES: the memory outlives what is taken.
template <class T>
class handler_allocator {
 public:
  using value_type = T;

  explicit handler_allocator(handler_memory& memory) noexcept : memory_(&memory) {}
  template <class U>
  handler_allocator(handler_allocator<U> const& other) noexcept : memory_(other.memory()) {}

  [[nodiscard]] T* allocate(std::size_t count) {
    static_assert(alignof(T) <= alignof(std::max_align_t));
    return static_cast<T*>(memory_->take(count * sizeof(T)));
  }
  void deallocate(T* memory, std::size_t) noexcept { memory_->give(memory); }

  [[nodiscard]] handler_memory* memory() const noexcept { return memory_; }
  template <class U>
  bool operator==(handler_allocator<U> const& other) const noexcept {
    return memory_ == other.memory();
  }

 private:
  handler_memory* memory_;
};

}  // namespace stele::serving
