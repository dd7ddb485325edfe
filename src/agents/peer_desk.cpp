#include "agents/peer_desk.hpp"

#include <algorithm>
#include <cstdint>
#include <exception>
#include <random>
#include <utility>
#include <vector>

#include "core/pushes.hpp"

namespace stele::pushing {

using core::pushes::claim_result;
using core::pushes::count_claims;
using serving::http::status;

peer_desk::peer_desk(agents_settings const& with, std::unique_ptr<peer_tokens> tokens,
                     push_desk& desk, runner run)
    : settings_(with),
      tokens_(std::move(tokens)),
      desk_(desk),
      run_(std::move(run)),
      instance_(std::uint64_t{std::random_device()()} << 32 | std::random_device()() | 1) {
  if (settings_.peers.urls.empty()) return;
  token_ = tokens_->first();
  claim_settings out;
  out.peers = settings_.peers.urls;
  out.token = token_;
  out.ca_file = settings_.peers.ca_file;
  out.ttl_ms = settings_.ttl_ms;
  out.instance = instance_;
  out_ = std::make_unique<claims>(std::move(out), [this](claim_line const& known) {
    run_([this, known] { on_refusal(known); });
  });
}

peer_desk::~peer_desk() = default;

answer peer_desk::take(std::string_view body, std::uint64_t of_instance) {
  auto const claimed = read_claims(body);
  if (!claimed) return {status::bad_request, {}, claimed.error().message + "\n"};
  std::vector<claim_line> later;
  for (claim_line const& each : *claimed)
    if (auto const known =
            desk_.held().release_workspace(each.workspace_id, each.since, of_instance > instance_))
      later.push_back({*known, each.workspace_id});
  count_claims(claim_result::received, claimed->size());
  return {status::ok, {}, write_refusals(later)};
}

void peer_desk::claim(std::string_view workspace_id, epoch at, bool stated) noexcept try {
  if (!out_) return;
  if (auto token = tokens_->first(); token != token_) {
    out_->use_token(token);
    token_ = std::move(token);
  }
  if (stated) {
    // A claim is answered within seconds: any other is one that is no longer looked at.
    if (stated_.size() >= settings_.limits.workspaces_max) stated_.erase(stated_.begin());
    stated_.emplace(workspace_id);
  } else if (!stated_.empty()) {
    stated_.erase(std::string(workspace_id));
  }
  out_->claim(workspace_id, at);
} catch (std::exception const&) {
  count_claims(claim_result::failed, settings_.peers.urls.size());
}

/// A peer knows a later epoch, or keeps the same one, as its instance is the higher. Where the
/// agent says its epochs, the peer is right: it has a newer connection, or one that is as new. Else
/// the epoch is a clock's reading, and the peer's clock is ahead of ours: the agent is here now.
void peer_desk::on_refusal(claim_line const& known) {
  if (stated_.erase(known.workspace_id) != 0) {
    desk_.held().release_workspace(known.workspace_id, known.since, true);
    return;
  }
  if (auto const next = desk_.held().hold_workspace(known.workspace_id, known.since))
    claim(known.workspace_id, *next, false);
}

void peer_desk::count() noexcept {
  if (!out_) return;
  claim_counts const now = out_->counts();
  count_claims(claim_result::failed, now.failed - counted_.failed);
  count_claims(claim_result::refused, now.refused - counted_.refused);
  count_claims(claim_result::sent, now.sent - counted_.sent);
  counted_ = now;
}

}  // namespace stele::pushing
