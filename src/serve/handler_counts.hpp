// handler_counts.hpp: the promhttp_* rows, counted by the endpoint and read at scrape time.
//
//   handler_counts::instance().begin();
//   handler_counts::instance().end(200);
//
// Threads: any.

#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

#include "stele/slab.hpp"

namespace stele::serving {

/// How scrapes were answered, in a process. Never destroyed: a counter that went with its endpoint
/// would fall.
class handler_counts {
 public:
  static constexpr std::array codes{200, 500, 503};

  static handler_counts& instance() noexcept;

  /// Exposes and feeds the promhttp_* rows that a table has with Source `sdk`. Any number of times.
  void feed(core::table_link& table);

  void begin() noexcept { in_flight_.fetch_add(1, std::memory_order_relaxed); }
  /// REQUIRES: begin() was called; `code` is one of codes.
  void end(int code) noexcept;
  /// In the child of a fork: scrapes that were being answered are the parent's.
  void forget_in_flight() noexcept { in_flight_.store(0, std::memory_order_relaxed); }

  [[nodiscard]] std::int64_t in_flight() const noexcept { return in_flight_.load(); }
  [[nodiscard]] std::uint64_t answered(std::size_t code_index) const noexcept {
    return answered_[code_index].load();
  }

 private:
  std::atomic<std::int64_t> in_flight_{0};
  std::array<std::atomic<std::uint64_t>, codes.size()> answered_{};
};

}  // namespace stele::serving
