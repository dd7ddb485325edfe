// pushes.hpp: what became of pushes of agents, and of their families.
//
//   pushes::count(pushes::result::applied);
//   pushes::count_refused(reason);
//
// It stands here, since the library that takes pushes is another than the one that exposes this.
//
// Threads: any.

#pragma once

#include <cstddef>
#include <cstdint>

#include "stele/api.hpp"

namespace stele::core::pushes {

/// In the order of the values of stele_agents_pushes_total's label.
enum class result : std::uint8_t {
  applied,
  cut,  // the body did not come whole
  deleted,
  forbidden,
  limit,
  malformed,
  no_memory,
  queue_full,
  stale,
  too_large,
  unauthorized,
  unsupported,
};

/// In the order of the values of stele_agents_claims_total's label. A claim that a peer refuses was
/// sent, too.
enum class claim_result : std::uint8_t { failed, received, refused, sent };

STELE_API void count(result what) noexcept;
STELE_API void count_claims(claim_result what, std::uint64_t how_many) noexcept;
/// Of a family; `reason` is an index of push_refusal_names.
STELE_API void count_refused(std::size_t reason) noexcept;
/// Of families that came with another HELP than is shown.
STELE_API void count_other_helps(std::uint64_t how_many) noexcept;

[[nodiscard]] std::uint64_t counted(std::size_t result) noexcept;
[[nodiscard]] std::uint64_t counted_refused(std::size_t reason) noexcept;
[[nodiscard]] std::uint64_t counted_claims(std::size_t result) noexcept;
[[nodiscard]] std::uint64_t counted_other_helps() noexcept;

}  // namespace stele::core::pushes
