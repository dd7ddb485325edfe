// pool.hpp: a few objects that are kept when they have served, so that the next who needs one does
// not allocate and fill its memory anew.
//
//   constinit pool<snapshot_data, memory_part::snapshots> kept;
//   snapshot_data* const values = kept.take();
//   kept.give_back(values);
//
// Threads: any; without a lock, so that a fork finds nothing half done.

#pragma once

#include <array>
#include <atomic>

#include "core/memory.hpp"

namespace stele::core {

/// What it keeps at the end of the process is not freed: a scrape may outlive main().
template <class T, memory_part Part>
class pool {
 public:
  /// One that was given back, else a new one. Throws std::bad_alloc.
  T* take() {
    for (auto& each : kept_)
      if (T* const found = each.exchange(nullptr, std::memory_order_acquire)) return found;
    return make<T, Part>();
  }

  /// What take() gave. Null is allowed.
  void give_back(T* object) noexcept {
    for (auto& each : kept_) {
      T* none = nullptr;
      if (object == nullptr ||
          each.compare_exchange_strong(none, object, std::memory_order_release))
        return;
    }
    destroy<Part>(object);
  }

 private:
  std::array<std::atomic<T*>, 4> kept_{};  // more at once are rare
};

}  // namespace stele::core
