// readers.hpp: the callbacks that are registered with a table.
//
// One mutex guards all lists and the state of all entries, of every table; it is held for a few
// instructions at a time, and never while a callback runs or what one captured is destroyed. A
// callback that gathers asks no callback, itself or another's.
//
// Where there is no memory for an entry, nothing is registered, and the callback is destroyed.
//
//   std::uint64_t const key = state.readers.add(row, whole_row, std::move(source), by);
//   state.readers.remove(key);   // waits for a running call
//
// Threads: any; what a callback itself may do, stele/reading.hpp says.

#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>

#include "core/memory.hpp"
#include "stele/reading.hpp"

namespace stele::core {

/// One registered callback. Guarded by the readings' mutex but for what is constant.
struct reader_entry {
  std::size_t const row;
  std::size_t const series;  // or whole_row
  asked_by const by;
  std::uint64_t const key;
  std::unique_ptr<reader> source;
  bool removed = false;
  bool removed_inside = false;  // by the running call, after which the callback is destroyed
  bool running = false;  // in a call, on the thread `caller`; asked by nobody else until it returns
  bool lost = false;     // was running on a thread that a fork left behind
  std::thread::id caller{};
  reader_entry* next_running = nullptr;  // the runner's list
};

class reader_list {
 public:
  using entry_list = vector<std::shared_ptr<reader_entry>, memory_part::readings>;

  /// Throws std::bad_alloc.
  std::uint64_t add(std::size_t row, std::size_t series, std::unique_ptr<reader> source,
                    asked_by by);
  /// Waits for a running call, except from inside it, and destroys the callback: what it captured
  /// does not outlive this, or the call that this is inside.
  void remove(std::uint64_t key) noexcept;

  /// Whether there are none, which is known without a lock.
  [[nodiscard]] bool empty() const noexcept { return size_.load(std::memory_order_acquire) == 0; }
  /// Oldest first. REQUIRES: the readings' mutex is held.
  [[nodiscard]] entry_list const& entries() const noexcept { return entries_; }

 private:
  entry_list entries_;
  std::atomic<std::size_t> size_{0};
  std::uint64_t next_key_ = 1;
};

}  // namespace stele::core
