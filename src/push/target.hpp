// target.hpp: where a pusher sends to: the options, checked, as a URL.
//
//   auto to = target_of(options);
//   if (!to) return to.error();                // "push: expected .job to be …, saw …; …"
//   to->url;                                   //
//   http://127.0.0.1:2113/metrics/job/agent/user_id/u1
//
// Threads: pure functions.

#pragma once

#include <optional>
#include <string>

#include "stele/push.hpp"
#include "stele/result.hpp"

namespace stele::sending {

struct target {
  std::string url{};      // has no secret in it
  bool is_local = false;  // this machine
  bool is_tls = false;
};

/// Throws std::bad_alloc.
result<target> target_of(push_options const& options);

/// What is wrong with the options that are no part of the URL; files are not looked at.
std::optional<error> objection_to(push_options const& options);

}  // namespace stele::sending
