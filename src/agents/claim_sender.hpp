// claim_sender.hpp: who tells the peers that a workspace is here now.
//
//   peers->claim("w1", at, false);
//
// Threads: the agents' own.

#pragma once

#include <string_view>

#include "agents/store.hpp"

namespace stele::pushing {

class claim_sender {
 public:
  virtual ~claim_sender() = default;

  /// Tells each peer, soon, and waits for none. `stated`: the agent said which epoch it is, so that
  /// a later one of a peer is right; else a peer's clock is ahead. Where there is no memory the
  /// peers let the workspace go after their TTL.
  virtual void claim(std::string_view workspace_id, epoch at, bool stated) noexcept = 0;
};

}  // namespace stele::pushing
