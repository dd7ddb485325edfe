// claims.hpp: what this instance tells its peers: which workspaces it has taken over, so that they
// drop them at once.
//
//   claims tells({.peers = {"https://coderd-1:2113"}, .token = token},
//                [&](claim_line const& later) { … });         // a peer knows a later epoch
//   tells.claim(workspace_id, since);
//
// To each peer goes a POST /-/claims with all that is to be told by then, one at a time; the next
// one not before a pause, so that a storm of agents is few requests. A claim that is not told is
// tried again, with pauses that double, until the time is over after which the peer has dropped the
// workspace by itself. A peer that is slow or gone delays no other.
//
// Threads: one of its own, which the callback is called on, with no lock held; it does not throw.
// claim() and counts() may be called from any thread, the callback among them; stop() and the end
// from any but that. In the child of a fork() it does nothing.

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "agents/claim_lines.hpp"
#include "agents/store.hpp"

namespace stele::pushing {

struct claim_settings {
  std::vector<std::string> peers{};  // http or https, host, port; claims_path is added
  std::string token{};               // of the peers; empty: none is sent
  std::string ca_file{};  // PEM: who signs peers' certificates; empty: whom the system trusts
  std::int64_t ttl_ms = 120'000;  // of the peers' series: a claim that is older is of no use
  std::int64_t pause_ms = 100;    // between two requests to one peer
  std::int64_t request_ms_max = 5'000;
  std::uint64_t instance = 0;  // sent as `Stele-Instance`, where it is not 0: the higher has a tie
  std::size_t waiting_max = 200'000;  // claims for one peer; past it the oldest is given up
};

/// Of claims to one peer each: three workspaces and two peers are six.
struct claim_counts {
  std::uint64_t sent = 0;      // the peer has taken note
  std::uint64_t refused = 0;   // of these: it knows a later epoch, or keeps the same
  std::uint64_t failed = 0;    // given up: too old, too many, or stop() came first
  std::uint64_t requests = 0;  // that were answered or failed
  std::size_t waiting = 0;     // now
};

class claims {
 public:
  using on_refusal = std::function<void(claim_line const& known)>;

  /// Throws std::bad_alloc, and std::system_error where no thread can be had.
  claims(claim_settings settings, on_refusal refused);
  ~claims();
  claims(claims const&) = delete;
  claims& operator=(claims const&) = delete;

  /// What is not under way yet is told with this one.
  void use_token(std::string token) noexcept;

  /// Of two claims of a workspace the one with the later epoch is told. Throws std::bad_alloc.
  void claim(std::string_view workspace_id, epoch since);

  [[nodiscard]] claim_counts counts() const;

  /// Breaks off what is under way, and joins the thread. Later calls do nothing.
  void stop() noexcept;

 private:
  class impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace stele::pushing
