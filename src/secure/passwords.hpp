// passwords.hpp: checks passwords against bcrypt hashes, on a thread of its own.
//
//   password_checker checker;
//   auto const known = checker.check(users, "alice", "secret", [](auto outcome) { … });
//   if (known) …     // else the callback is called, later
//
// A check takes tens of milliseconds of a processor, by design. So each distinct one is made once,
// and remembered under a keyed hash of user, hash and password: right ones in a store of their own,
// which no number of wrong ones can push them out of. A name that nobody has is checked against the
// hash of some user, always the same one, and is wrong: it takes what a wrong password takes, and
// is remembered like one. The queue is bounded; what does not fit is `busy`.
//
// Threads: any. Callbacks are called on the checker's thread, with no lock held.

#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stele::securing {

using user_list = std::vector<std::pair<std::string, std::string>>;  // name, bcrypt hash

struct password_limits {
  std::size_t waiting_max = 16;      // distinct checks that wait: some 1.1 s at cost 10
  std::size_t callbacks_max = 1024;  // requests that wait, in all
  std::size_t right_max = 256;
  std::size_t wrong_max = 4096;
};

class password_checker {
 public:
  enum class outcome { right, wrong, busy };
  using callback = std::function<void(outcome)>;

  /// Starts no thread before the first check that needs one.
  explicit password_checker(password_limits limits = {});
  /// Waits for a check that is being made. Callbacks that still wait are dropped.
  ~password_checker();
  password_checker(password_checker const&) = delete;
  password_checker& operator=(password_checker const&) = delete;

  /// The outcome, where it is known or `busy`; then `later` is dropped. Throws std::bad_alloc, and
  /// std::system_error where no thread can be had. REQUIRES: there is a user.
  std::optional<outcome> check(user_list const& users, std::string_view user,
                               std::string_view password, callback later);

  /// The outcome, where it is known; nothing is begun. REQUIRES: there is a user.
  std::optional<outcome> known(user_list const& users, std::string_view user,
                               std::string_view password);

  /// How many bcrypt hashes have been computed.
  [[nodiscard]] std::size_t computed() const;

 private:
  struct state;
  std::shared_ptr<state> state_;
};

}  // namespace stele::securing
