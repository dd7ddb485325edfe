// users.hpp: the users, in memory, and the licence's limit on them.
//
// Any thread may call anything; one mutex guards the map and is never held across a call to
// another store. Every failing call throws a `failure`.

#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "license.hpp"

namespace service {

struct user {
  std::string id;
  std::string username;
  bool active = true;  // false: dormant, which needs no place in the licence
  std::chrono::sys_seconds created_at;
};

class user_store {
 public:
  explicit user_store(service::license const& license) : license_{license} {}

  /// A new active user. Forbidden when the licence has no place left or has expired.
  user create(std::string_view username);
  [[nodiscard]] std::vector<user> list() const;  // by id, the oldest first
  [[nodiscard]] user get(std::string_view id) const;
  user suspend(std::string_view id);
  /// Forbidden as create is, unless the user is active already.
  user activate(std::string_view id);
  void remove(std::string_view id);

  /// Users that count against the licence.
  [[nodiscard]] std::int64_t active_count() const;

 private:
  // These three need the mutex held.
  user const& find(std::string_view id) const;
  void require_place() const;
  std::int64_t active_unlocked() const;

  service::license const license_;

  mutable std::mutex mutex_;
  std::map<std::string, user, std::less<>> users_;
  std::uint64_t last_id_ = 0;
};

}  // namespace service
