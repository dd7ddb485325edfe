// part_records.hpp: when each part of a group was pushed last, where gathers find it without a
// lock.
//
//   std::uint32_t const part = records.take();            // throws std::bad_alloc
//   records[part].last_update.store(now, std::memory_order_relaxed);
//   bool const shown = records.is_live(part, now - ttl);  // any thread
//
// Threads: one takes and gives back; any may read a record that has ever been taken.

#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "agents/pushed_memory.hpp"

namespace stele::pushing {

/// Of what has ended, or was never pushed.
inline constexpr std::int64_t never = std::numeric_limits<std::int64_t>::min();

/// In place of a workspace's number: the record is of no part.
inline constexpr std::uint32_t nobody = 0xffff'ffff;

struct part_record {
  std::atomic<std::int64_t> last_update{never};  // a store_time
  std::atomic<std::uint32_t> series{0};
  std::atomic<std::uint32_t> workspace{nobody};  // its number
};

class part_records {
 public:
  part_records() = default;
  ~part_records();
  part_records(part_records const&) = delete;
  part_records& operator=(part_records const&) = delete;

  /// A record that has ended. Throws std::bad_alloc.
  std::uint32_t take();
  void give_back(std::uint32_t record) noexcept;

  /// All records that were ever taken are below.
  [[nodiscard]] std::uint32_t size() const noexcept {
    return size_.load(std::memory_order_acquire);
  }
  /// REQUIRES: at < size().
  [[nodiscard]] part_record& operator[](std::uint32_t at) const noexcept {
    // Segment i begins at first_size * (2^i - 1): what is there never moves.
    std::uint32_t const place = at + first_size;
    auto const segment = static_cast<std::size_t>(std::bit_width(place) - first_bits);
    return segments_[segment].load(std::memory_order_acquire)[place - std::bit_floor(place)];
  }
  /// Whether it was pushed at this moment or later.
  [[nodiscard]] bool is_live(std::uint32_t at, std::int64_t since) const noexcept {
    std::int64_t const last = (*this)[at].last_update.load(std::memory_order_relaxed);
    return last != never && last >= since;
  }

 private:
  static constexpr std::uint32_t first_size = 64;
  static constexpr int first_bits = std::bit_width(first_size);

  std::array<std::atomic<part_record*>, 26> segments_{};
  std::atomic<std::uint32_t> size_{0};
  list<std::uint32_t> free_;  // has room for all
};

}  // namespace stele::pushing
