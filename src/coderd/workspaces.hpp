// workspaces.hpp: the workspaces and their builds, in memory.
//
// Any thread may call anything; one mutex guards all of it and is never held across a call to
// another store. Listeners are called with it held, so that none misses or reorders a change:
// they must only hand the workspace on. Every failing call throws a `failure`.

#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "workspace.hpp"

namespace service {

/// A workspace as it is after a change, with its latest build (whose id is empty before the first).
struct workspace_change {
  service::workspace workspace;
  service::build build;
};

/// Who pushes a workspace's own metrics.
struct workspace_agent {
  std::string owner_id;
  std::string token;
};

using workspace_listener = std::function<void(workspace_change const&)>;

class workspace_store {
 public:
  /// `gives_agent_tokens`: each workspace has one for its agent.
  explicit workspace_store(bool gives_agent_tokens) : gives_agent_tokens_{gives_agent_tokens} {}

  workspace create(workspace_spec spec);
  [[nodiscard]] std::vector<workspace> list() const;  // by id, the oldest first
  [[nodiscard]] workspace get(std::string_view id) const;
  [[nodiscard]] bool contains(std::string_view id) const;
  [[nodiscard]] bool owns_any(std::string_view user_id) const;

  [[nodiscard]] std::optional<workspace_agent> find_agent(std::string_view id) const;
  /// Has `hook` called with the id of each workspace that is deleted from now on, with no lock
  /// held, on the thread on which its last build ends. Once, before the first build.
  void on_deleted(std::function<void(std::string_view)> hook) { deleted_ = std::move(hook); }

  /// A pending build. A workspace has one build at a time: conflict while another is active.
  build begin_build(std::string_view workspace_id, transition what);
  void build_running(std::string_view build_id);
  void build_ended(std::string_view build_id, build_outcome outcome);

  /// Takes a pending build back as though it had never been asked for.
  void withdraw_build(std::string_view build_id);

  [[nodiscard]] build get_build(std::string_view id) const;
  [[nodiscard]] std::vector<build> builds_of(std::string_view workspace_id) const;

  /// Calls `listener` with the workspace as it is now, and after each change, until the listener
  /// is destroyed or the workspace deleted. The store keeps a weak reference only.
  void watch(std::string_view workspace_id, std::weak_ptr<workspace_listener> listener);

 private:
  struct record {
    service::workspace workspace;
    std::string agent_token;
    std::string earlier_build_id;  // the latest before the active one, for withdraw_build
    std::vector<std::weak_ptr<workspace_listener>> listeners;
  };

  // All of these need the mutex held.
  record const& find(std::string_view id) const;
  record& find(std::string_view id);
  build& find_build(std::string_view id);
  void announce(record& changed) const;
  void forget_old_builds();

  bool const gives_agent_tokens_;
  mutable std::mutex mutex_;
  std::map<std::string, record, std::less<>> workspaces_;
  std::map<std::string, build, std::less<>> builds_;
  std::deque<std::string> ended_builds_;  // in the order in which they ended
  std::uint64_t last_workspace_id_ = 0;
  std::uint64_t last_build_id_ = 0;
  std::function<void(std::string_view)> deleted_;  // constant once builds run
};

}  // namespace service
