#include "core/pushes.hpp"

#include <array>
#include <atomic>
#include <iterator>

#include "stele/self.hpp"

namespace stele::core::pushes {

namespace {

constinit std::array<std::atomic<std::uint64_t>, std::size(push_result_names)> counts{};
constinit std::array<std::atomic<std::uint64_t>, std::size(push_refusal_names)> refusals{};
constinit std::atomic<std::int64_t> held{0};

static_assert(std::size(push_result_names) == static_cast<std::size_t>(result::unsupported) + 1);

}  // namespace

void count(result what) noexcept {
  counts[static_cast<std::size_t>(what)].fetch_add(1, std::memory_order_relaxed);
}

void count_refused(std::size_t reason) noexcept {
  refusals[reason].fetch_add(1, std::memory_order_relaxed);
}

void add_bytes(std::int64_t more) noexcept { held.fetch_add(more, std::memory_order_relaxed); }

std::uint64_t counted(std::size_t result) noexcept {
  return counts[result].load(std::memory_order_relaxed);
}

std::uint64_t counted_refused(std::size_t reason) noexcept {
  return refusals[reason].load(std::memory_order_relaxed);
}

std::uint64_t bytes() noexcept {
  std::int64_t const now = held.load(std::memory_order_relaxed);
  return now > 0 ? static_cast<std::uint64_t>(now) : 0;
}

}  // namespace stele::core::pushes
