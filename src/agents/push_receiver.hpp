// push_receiver.hpp: what the agents' address answers: pushes, removals, and claims of peers.
//
//   core::serve({}, options, {.receiver = std::make_shared<push_receiver>(desk, who, peers)});
//
// What the header tells is checked before a byte of the body is read: path, method, token, group,
// coding, size. Threads: the agents' own.

#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "agents/peer_desk.hpp"
#include "agents/push_desk.hpp"
#include "agents/push_limits.hpp"
#include "serve/receiver.hpp"
#include "stele/agent_options.hpp"

namespace stele::pushing {

struct receiver_limits {
  std::size_t body_bytes_max;       // of one push
  std::size_t receiving_bytes_max;  // of all pushes that come in
  push_limits of_push{};            // of the labels in a path
};

class push_receiver final : public serving::receiver {
 public:
  /// REQUIRES: what it refers to outlives it. `peers` may be null: claims are not found.
  push_receiver(push_desk& desk, agent_directory& who, peer_desk* peers, receiver_limits limits)
      : desk_(desk), who_(who), peers_(peers), limits_(limits) {}

  decision begin(serving::request_type const& request,
                 serving::steady_clock::time_point began) override;

 private:
  class pushed_body;
  class claims_body;

  decision begin_push(serving::request_type const& request, std::string_view path,
                      serving::steady_clock::time_point began);
  decision begin_claims(serving::request_type const& request);
  bool find(serving::request_type const& request, agent_identity& to);

  push_desk& desk_;
  agent_directory& who_;
  peer_desk* peers_;
  receiver_limits const limits_;
  std::size_t receiving_bytes_ = 0;         // of all agents' bodies
  std::size_t claims_receiving_bytes_ = 0;  // of all peers'
};

}  // namespace stele::pushing
