// reloads.hpp: how often a changed configuration file was used, or refused.
//
//   reloads::count(reloads::outcome::refused);
//
// It stands here, since the library that reads files is another than the one that exposes this.
//
// Threads: any.

#pragma once

#include <cstddef>
#include <cstdint>

#include "stele/api.hpp"

namespace stele::core::reloads {

/// In the order of the values of stele_reloads_total's label.
enum class outcome : std::uint8_t { used, refused };

STELE_API void count(outcome what) noexcept;
[[nodiscard]] std::uint64_t counted(std::size_t outcome) noexcept;

}  // namespace stele::core::reloads
