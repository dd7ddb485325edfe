// agent_tokens.hpp: whose agent a token belongs to, for coderd's own workspaces: the answer to
// their creation has their token.

#pragma once

#include <stele/agent_options.hpp>
#include <string_view>

#include "workspaces.hpp"

namespace service {

/// Used where no file of tokens is given. Any thread.
class agent_tokens final : public stele::agent_directory {
 public:
  /// `workspaces` outlives the object.
  explicit agent_tokens(workspace_store const& workspaces) : workspaces_{workspaces} {}

  bool find(std::string_view token, stele::agent_identity& to) override;

 private:
  workspace_store const& workspaces_;
};

/// `<workspace's id>.<128 random bits in hexadecimal>`: the id is no secret, and says which secret
/// to compare with. Throws std::exception where the system has no randomness.
[[nodiscard]] std::string make_agent_token(std::string_view workspace_id);

}  // namespace service
