// peer_desk.hpp: claims of peers, and ours to them.
//
//   peer_desk peers(settings, tokens, desk, run_on_agents_thread);
//   desk.tell(&peers);                       // workspaces that we take over are claimed
//   answer said = peers.take(body);          // POST /-/claims
//
// Threads: the agents' own; knows() any.

#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>

#include "agents/claim_sender.hpp"
#include "agents/claims.hpp"
#include "agents/peer_tokens.hpp"
#include "agents/push_desk.hpp"

namespace stele::pushing {

class peer_desk final : public claim_sender {
 public:
  /// Has a function run on the agents' thread, soon; any thread.
  using runner = std::function<void(std::function<void()>)>;

  peer_desk(agents_settings const& with, std::unique_ptr<peer_tokens> tokens, push_desk& desk,
            runner run);
  /// Waits for what is being sent.
  ~peer_desk() override;

  [[nodiscard]] bool knows(std::string_view token) const { return tokens_->has(token); }
  /// What peers claim is let go. The answer says what is not: what is known here to be later, or as
  /// late, where the peer's `Stele-Instance` is not above this one's.
  answer take(std::string_view body, std::uint64_t of_instance);

  void claim(std::string_view workspace_id, epoch at, bool stated) noexcept override;
  /// Brings stele_agents_claims_total up to date.
  void count() noexcept;

 private:
  void on_refusal(claim_line const& known);

  agents_settings const settings_;
  std::unique_ptr<peer_tokens> tokens_;
  push_desk& desk_;
  runner run_;
  std::uint64_t const instance_;            // any number: of two the higher has a tie
  std::string token_;                       // that claims are sent with
  std::unordered_set<std::string> stated_;  // workspaces of which the agent said the epoch
  claim_counts counted_;                    // told to stele_agents_claims_total
  std::unique_ptr<claims> out_;             // null: no peers
};

}  // namespace stele::pushing
