// claim_lines.hpp: the bodies that instances send each other about who has which workspace: a line
// each, `<epoch> <workspace_id>`, the workspace percent-encoded. A claim and its refusal look
// alike: the refusal has the later epoch that the peer knows.
//
//   auto const read = read_claims(body);
//   if (!read) return bad_request(read.error().message);       // "line 3: expected …, saw …; …"
//   for (claim_line const& each : *read) …
//   return write_refusals(later);
//
// Threads: pure functions.

#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agents/store.hpp"
#include "stele/result.hpp"

namespace stele::pushing {

inline constexpr std::string_view claims_path = "/-/claims";
/// A request that claims has no larger body; who has more to claim sends several.
inline constexpr std::size_t claims_bytes_max = std::size_t{1} << 20;

struct claim_line {
  epoch since = 0;  // milliseconds since 1970-01-01T00:00:00Z; 1 to epoch_max
  std::string workspace_id;

  bool operator==(claim_line const&) const = default;
};

/// Throws std::bad_alloc.
result<std::vector<claim_line>> read_claims(std::string_view body);

/// Of claims, and of refusals. Throws std::bad_alloc.
void append_claim(std::string& body, epoch since, std::string_view workspace_id);
std::string write_refusals(std::span<claim_line const> later);

}  // namespace stele::pushing
