#include "core/reloads.hpp"

#include <array>
#include <atomic>
#include <iterator>

#include "stele/self.hpp"

namespace stele::core::reloads {

namespace {

constinit std::array<std::atomic<std::uint64_t>, std::size(reload_outcome_names)> counts{};

}  // namespace

void count(outcome what) noexcept {
  counts[static_cast<std::size_t>(what)].fetch_add(1, std::memory_order_relaxed);
}

std::uint64_t counted(std::size_t outcome) noexcept {
  return counts[outcome].load(std::memory_order_relaxed);
}

}  // namespace stele::core::reloads
