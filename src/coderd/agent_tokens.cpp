// agent_tokens.cpp: the tokens of workspaces' agents.

#include "agent_tokens.hpp"

#include <fmt/format.h>

#include <random>

namespace service {

namespace {

/// In a time that tells nothing but the sizes.
bool is_same(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size()) return false;
  unsigned char volatile differs = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    differs = static_cast<unsigned char>(differs | (a[i] ^ b[i]));
  return differs == 0;
}

}  // namespace

bool agent_tokens::find(std::string_view token, stele::agent_identity& to) {
  auto const id = token.substr(0, token.rfind('.'));
  auto const known = workspaces_.find_agent(id);
  if (!known || !is_same(known->token, token)) return false;
  to = {.user_id = known->owner_id, .workspace_id = std::string{id}};
  return true;
}

std::string make_agent_token(std::string_view workspace_id) {
  std::random_device random;  // the system's, in libstdc++ on Linux
  return fmt::format("{}.{:08x}{:08x}{:08x}{:08x}", workspace_id, random(), random(), random(),
                     random());
}

}  // namespace service
