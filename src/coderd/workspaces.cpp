// workspaces.cpp: the workspaces and their builds, in memory.

#include "workspaces.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "agent_tokens.hpp"
#include "clock.hpp"
#include "failure.hpp"
#include "names.hpp"

namespace service {

namespace {

constexpr std::size_t ended_builds_max = 10'000;  // older ones are forgotten: memory is bounded

workspace_status status_after(transition what, bool succeeded) {
  if (!succeeded) return workspace_status::failed;
  switch (what) {
    case transition::start: return workspace_status::running;
    case transition::stop: return workspace_status::stopped;
    case transition::remove: break;
  }
  return workspace_status::deleted;
}

}  // namespace

transition parse_transition(std::string_view text) {
  for (auto const value : {transition::start, transition::stop, transition::remove})
    if (to_text(value) == text) return value;
  throw failure{reason::bad_input,
                fmt::format("transition: expected \"start\", \"stop\" or \"delete\", saw \"{}\"",
                            text.substr(0, 2 * name_size_max))};
}

workspace workspace_store::create(workspace_spec spec) {
  require_name("name", spec.name);
  std::lock_guard const lock{mutex_};
  for (auto const& [id, existing] : workspaces_) {
    auto const& other = existing.workspace.spec;
    if (other.owner_id == spec.owner_id && other.name == spec.name)
      throw failure{reason::conflict,
                    fmt::format("name: '{}' already has a workspace '{}'; choose another name",
                                spec.owner_name, spec.name)};
  }
  workspace made{.id = fmt::format("workspace-{:06}", ++last_workspace_id_),
                 .spec = std::move(spec),
                 .status = workspace_status::stopped,
                 .build_id = {},
                 .created_at = now()};
  workspaces_.emplace(made.id,
                      record{.workspace = made,
                             .agent_token = gives_agent_tokens_ ? make_agent_token(made.id) : "",
                             .earlier_build_id = {},
                             .listeners = {}});
  return made;
}

std::vector<workspace> workspace_store::list() const {
  std::lock_guard const lock{mutex_};
  std::vector<workspace> all;
  for (auto const& [id, one] : workspaces_) all.push_back(one.workspace);
  return all;
}

workspace workspace_store::get(std::string_view id) const {
  std::lock_guard const lock{mutex_};
  return find(id).workspace;
}

bool workspace_store::contains(std::string_view id) const {
  std::lock_guard const lock{mutex_};
  return workspaces_.contains(id);
}

bool workspace_store::owns_any(std::string_view user_id) const {
  std::lock_guard const lock{mutex_};
  return std::any_of(workspaces_.begin(), workspaces_.end(), [&](auto const& entry) {
    return entry.second.workspace.spec.owner_id == user_id;
  });
}

std::optional<workspace_agent> workspace_store::find_agent(std::string_view id) const {
  std::lock_guard const lock{mutex_};
  auto const at = workspaces_.find(id);
  if (at == workspaces_.end()) return {};
  return workspace_agent{.owner_id = at->second.workspace.spec.owner_id,
                         .token = at->second.agent_token};
}

build workspace_store::begin_build(std::string_view workspace_id, transition what) {
  std::lock_guard const lock{mutex_};
  auto& owner = find(workspace_id);
  if (owner.workspace.build_active)
    throw failure{reason::conflict,
                  fmt::format("the workspace is busy with '{}'; wait until that build has ended",
                              owner.workspace.build_id)};
  build made{.id = fmt::format("build-{:06}", ++last_build_id_),
             .workspace_id = owner.workspace.id,
             .transition = what,
             .status = build_status::pending,
             .outcome = {},
             .created_at = now()};
  builds_.emplace(made.id, made);
  owner.earlier_build_id = std::exchange(owner.workspace.build_id, made.id);
  owner.workspace.build_active = true;
  announce(owner);
  return made;
}

void workspace_store::build_running(std::string_view build_id) {
  std::lock_guard const lock{mutex_};
  auto& begun = find_build(build_id);
  begun.status = build_status::running;
  announce(find(begun.workspace_id));
}

void workspace_store::build_ended(std::string_view build_id, build_outcome outcome) {
  std::unique_lock lock{mutex_};
  auto& ended = find_build(build_id);
  ended.status = outcome.succeeded() ? build_status::succeeded : build_status::failed;
  ended.outcome = std::move(outcome);

  auto& owner = find(ended.workspace_id);
  owner.workspace.status = status_after(ended.transition, ended.outcome.succeeded());
  owner.workspace.build_active = false;
  announce(owner);
  bool const deleted = owner.workspace.status == workspace_status::deleted;
  std::string const id = ended.workspace_id;
  if (deleted) workspaces_.erase(id);
  ended_builds_.push_back(ended.id);
  forget_old_builds();
  lock.unlock();
  if (deleted && deleted_) deleted_(id);
}

void workspace_store::withdraw_build(std::string_view build_id) {
  std::lock_guard const lock{mutex_};
  auto& owner = find(find_build(build_id).workspace_id);
  owner.workspace.build_id = owner.earlier_build_id;
  owner.workspace.build_active = false;
  builds_.erase(builds_.find(build_id));
  announce(owner);
}

build workspace_store::get_build(std::string_view id) const {
  std::lock_guard const lock{mutex_};
  auto const at = builds_.find(id);
  if (at == builds_.end())
    throw failure{reason::not_found,
                  fmt::format("no build '{}'; GET /api/v2/workspaces/{{workspace}}/builds lists "
                              "those of a workspace",
                              id)};
  return at->second;
}

std::vector<build> workspace_store::builds_of(std::string_view workspace_id) const {
  std::lock_guard const lock{mutex_};
  auto const& owner = find(workspace_id).workspace;
  std::vector<build> all;
  for (auto const& [id, one] : builds_)
    if (one.workspace_id == owner.id) all.push_back(one);
  return all;
}

void workspace_store::watch(std::string_view workspace_id,
                            std::weak_ptr<workspace_listener> listener) {
  std::lock_guard const lock{mutex_};
  auto& watched = find(workspace_id);
  watched.listeners.push_back(std::move(listener));
  announce(watched);
}

workspace_store::record const& workspace_store::find(std::string_view id) const {
  auto const at = workspaces_.find(id);
  if (at == workspaces_.end())
    throw failure{reason::not_found,
                  fmt::format("no workspace '{}'; GET /api/v2/workspaces lists them", id)};
  return at->second;
}

workspace_store::record& workspace_store::find(std::string_view id) {
  return const_cast<record&>(std::as_const(*this).find(id));  // *this is not const here
}

build& workspace_store::find_build(std::string_view id) {
  return builds_.find(id)->second;  // an active build is never forgotten
}

void workspace_store::announce(record& changed) const {
  std::erase_if(changed.listeners, [](auto const& listener) { return listener.expired(); });
  if (changed.listeners.empty()) return;
  auto const latest = builds_.find(changed.workspace.build_id);
  workspace_change const change{changed.workspace,
                                latest == builds_.end() ? build{} : latest->second};
  for (auto const& weak : changed.listeners)
    if (auto const listener = weak.lock()) (*listener)(change);
}

void workspace_store::forget_old_builds() {
  while (ended_builds_.size() > ended_builds_max) {
    builds_.erase(ended_builds_.front());
    ended_builds_.pop_front();
  }
}

}  // namespace service
