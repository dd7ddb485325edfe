// handler_memory.hpp: memory for operations under way, kept for the next ones.
//
// Asio takes memory for each operation from the allocator of its handler. A connection has a few
// operations at once and the same ones again and again, so a few blocks that are kept make that
// free of allocations after the first request.
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
  ~handler_memory() {
    for (auto& each : spare_) ::operator delete(each.load(std::memory_order_acquire));
  }

  /// Throws std::bad_alloc.
  [[nodiscard]] void* take(std::size_t bytes) {
    for (auto& each : spare_) {
      block* const found = each.exchange(nullptr, std::memory_order_acq_rel);
      if (found == nullptr) continue;
      if (found->bytes >= bytes) return found + 1;
      keep(found);
    }
    // Whole steps, so that one operation's block suits another.
    constexpr std::size_t step = 512;
    std::size_t const room = (bytes + step - 1) / step * step;
    return new (::operator new(sizeof(block) + room)) block{room} + 1;
  }
  void give(void* memory) noexcept { keep(static_cast<block*>(memory) - 1); }

 private:
  struct alignas(std::max_align_t) block {
    std::size_t bytes;  // behind this
  };

  void keep(block* spare) noexcept {
    for (auto& each : spare_) {
      block* none = nullptr;
      if (each.compare_exchange_strong(none, spare, std::memory_order_acq_rel)) return;
    }
    ::operator delete(spare);
  }

  std::array<std::atomic<block*>, 8> spare_{};
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
