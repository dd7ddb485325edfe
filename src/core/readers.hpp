// readers.hpp: the callbacks that are registered with a table.
//
// One mutex guards all lists and the state of all entries, of every table; it is held for a few
// instructions at a time, and never while a callback runs or what one captured is destroyed. A
// callback that gathers asks no callback, itself or another's.

#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "core/fork.hpp"
#include "stele/reading.hpp"

namespace stele::core {

/// Who feeds the rows of tables whose source is the SDK, each once a table.
enum class feeder : std::uint8_t { handler_counts, process, self };

/// While one lives, this thread feeds rows: no other does, and no fork begins, so that neither a
/// thread nor a child goes on with half of them.
class STELE_API feeding {
 public:
  feeding(table_link& link, feeder who) noexcept;
  /// Whether this feeder has not fed the table before.
  [[nodiscard]] bool first() const noexcept { return first_; }

 private:
  fork_pause const whole_;
  bool const first_;
};

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
};

class reader_list {
 public:
  std::uint64_t add(std::size_t row, std::size_t series, reader* source, asked_by by);
  /// Waits for a running call, except from inside it, and destroys the callback: what it captured
  /// does not outlive this, or the call that this is inside.
  void remove(std::uint64_t key) noexcept;

  /// Whether there are none, which is known without a lock.
  [[nodiscard]] bool empty() const noexcept { return size_.load(std::memory_order_acquire) == 0; }
  /// Oldest first. REQUIRES: the readings' mutex is held.
  [[nodiscard]] std::vector<std::shared_ptr<reader_entry>> const& entries() const noexcept {
    return entries_;
  }

 private:
  std::vector<std::shared_ptr<reader_entry>> entries_;
  std::atomic<std::size_t> size_{0};
  std::uint64_t next_key_ = 1;
};

}  // namespace stele::core
