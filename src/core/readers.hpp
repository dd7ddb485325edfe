// readers.hpp: the callbacks that feed series at scrape time.
//
// The list's lock is held only to copy it. Each reading has a lock of its own, which a call holds,
// so that its removal waits for a running call; a removal from inside the call does not wait. A
// callback that gathers asks no callback, itself or another's: two that did so on two threads would
// wait for each other.

#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "stele/reading.hpp"

namespace stele::core {

struct reading_result {
  std::optional<number> value;
  bool threw = false;
};

class reader_entry {
 public:
  reader_entry(std::size_t row_index, std::size_t series_index, std::uint64_t entry_key,
               reader* source) noexcept
      : row(row_index), series(series_index), key(entry_key), source_(source) {}

  /// Calls the callback. No value where it has none, throws, or was removed.
  reading_result read() noexcept;
  /// Waits for a running call, and destroys the callback: what it captured never outlives this.
  void remove() noexcept;
  [[nodiscard]] bool removed() const noexcept { return removed_; }

  std::size_t const row;
  std::size_t const series;
  std::uint64_t const key;

 private:
  std::mutex running_;
  std::atomic<std::thread::id> caller_{};
  std::atomic<bool> removed_{false};
  std::unique_ptr<reader> source_;
};

class reader_list {
 public:
  std::uint64_t add(std::size_t row, std::size_t series, reader* source);
  void remove(std::uint64_t key) noexcept;
  /// The readings at this moment, oldest first. They stay valid while they are held.
  [[nodiscard]] std::vector<std::shared_ptr<reader_entry>> copy() const;

 private:
  mutable std::mutex mutex_;
  std::vector<std::shared_ptr<reader_entry>> entries_;
  std::uint64_t next_key_ = 1;
};

}  // namespace stele::core
