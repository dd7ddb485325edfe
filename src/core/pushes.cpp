#include "core/pushes.hpp"

#include <array>
#include <atomic>
#include <iterator>

#include "stele/self.hpp"

namespace stele::core::pushes {

namespace {

constinit std::array<std::atomic<std::uint64_t>, std::size(push_result_names)> counts{};
constinit std::array<std::atomic<std::uint64_t>, std::size(push_refusal_names)> refusals{};
constinit std::array<std::atomic<std::uint64_t>, std::size(claim_result_names)> claims{};
constinit std::atomic<std::uint64_t> other_helps{0};

static_assert(std::size(push_result_names) == static_cast<std::size_t>(result::unsupported) + 1);

}  // namespace

void count(result what) noexcept {
  counts[static_cast<std::size_t>(what)].fetch_add(1, std::memory_order_relaxed);
}

void count_refused(std::size_t reason) noexcept {
  refusals[reason].fetch_add(1, std::memory_order_relaxed);
}

void count_claims(claim_result what, std::uint64_t how_many) noexcept {
  claims[static_cast<std::size_t>(what)].fetch_add(how_many, std::memory_order_relaxed);
}

void count_other_helps(std::uint64_t how_many) noexcept {
  other_helps.fetch_add(how_many, std::memory_order_relaxed);
}

std::uint64_t counted(std::size_t result) noexcept {
  return counts[result].load(std::memory_order_relaxed);
}

std::uint64_t counted_refused(std::size_t reason) noexcept {
  return refusals[reason].load(std::memory_order_relaxed);
}

std::uint64_t counted_claims(std::size_t result) noexcept {
  return claims[result].load(std::memory_order_relaxed);
}

std::uint64_t counted_other_helps() noexcept { return other_helps.load(std::memory_order_relaxed); }

}  // namespace stele::core::pushes
