// users.cpp: the users, in memory.

#include "users.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "clock.hpp"
#include "failure.hpp"
#include "names.hpp"

namespace service {

user user_store::create(std::string_view username) {
  require_name("username", username);
  std::lock_guard const lock{mutex_};
  for (auto const& [id, existing] : users_)
    if (existing.username == username)
      throw failure{reason::conflict,
                    fmt::format("username: '{}' is taken; choose another", username)};
  require_place();
  user made{.id = fmt::format("user-{:06}", ++last_id_),
            .username = std::string{username},
            .active = true,
            .created_at = now()};
  users_.emplace(made.id, made);
  return made;
}

std::vector<user> user_store::list() const {
  std::lock_guard const lock{mutex_};
  std::vector<user> all;
  for (auto const& [id, one] : users_) all.push_back(one);
  return all;
}

user user_store::get(std::string_view id) const {
  std::lock_guard const lock{mutex_};
  return find(id);
}

user user_store::suspend(std::string_view id) {
  std::lock_guard const lock{mutex_};
  auto& found = users_.at(find(id).id);
  found.active = false;
  return found;
}

user user_store::activate(std::string_view id) {
  std::lock_guard const lock{mutex_};
  auto& found = users_.at(find(id).id);
  if (!found.active) require_place();
  found.active = true;
  return found;
}

void user_store::remove(std::string_view id) {
  std::lock_guard const lock{mutex_};
  users_.erase(users_.find(find(id).id));
}

std::int64_t user_store::active_count() const {
  std::lock_guard const lock{mutex_};
  return active_unlocked();
}

user const& user_store::find(std::string_view id) const {
  auto const at = users_.find(id);
  if (at == users_.end())
    throw failure{reason::not_found, fmt::format("no user '{}'; GET /api/v2/users lists them", id)};
  return at->second;
}

void user_store::require_place() const {
  if (license_.expired())
    throw failure{reason::forbidden,
                  fmt::format("the license expired at {}; start coderd with a valid --license",
                              to_text(license_.expires_at))};
  if (active_unlocked() >= license_.user_limit)
    throw failure{reason::forbidden,
                  fmt::format("the license allows {} active users and all are in use; suspend a "
                              "user or start coderd with a larger --license",
                              license_.user_limit)};
}

std::int64_t user_store::active_unlocked() const {
  return std::count_if(users_.begin(), users_.end(),
                       [](auto const& entry) { return entry.second.active; });
}

}  // namespace service
