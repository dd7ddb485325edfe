#include "secure/passwords.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <sys/resource.h>

#include <algorithm>
#include <condition_variable>
#include <cstdint>
#include <cstring>
#include <deque>
#include <map>
#include <mutex>
#include <new>
#include <stop_token>
#include <system_error>
#include <thread>

#include "secure/bcrypt.hpp"
#include "secure/files.hpp"
#include "secure/known_results.hpp"
#include "secure/threads.hpp"

namespace stele::securing {

namespace {

using outcome = password_checker::outcome;

struct job {
  digest key;
  std::string hash;
  std::string password;
  bool is_user;

  ~job() { OPENSSL_cleanse(password.data(), password.size()); }
};

struct keyed_hash {
  digest secret;

  keyed_hash() {
    if (RAND_bytes(secret.data(), static_cast<int>(secret.size())) != 1) throw std::bad_alloc();
  }

  /// Each part with its length, so that no two lists of parts look the same.
  digest operator()(std::initializer_list<std::string_view> parts) const {
    std::string text;
    for (std::string_view const part : parts) {
      std::uint64_t const size = part.size();
      text.append(reinterpret_cast<char const*>(&size), sizeof size).append(part);
    }
    digest made;
    unsigned size = 0;
    auto const* const bytes = reinterpret_cast<unsigned char const*>(text.data());
    bool const done = HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()), bytes,
                           text.size(), made.data(), &size) != nullptr;
    OPENSSL_cleanse(text.data(), text.size());
    if (!done) throw std::bad_alloc();
    return made;
  }
};

struct question {
  digest key;
  std::string const& hash;
  bool is_user;
};

}  // namespace

/// Shared with the thread: a callback may drop the last owner of the checker, on that thread.
struct password_checker::state {
  explicit state(password_limits with)
      : limits(with), right(with.right_max), wrong(with.wrong_max) {}

  password_limits const limits;
  keyed_hash const hash;

  std::mutex mutex;  // guards what follows
  std::condition_variable_any changed;
  known_results right;
  known_results wrong;
  std::deque<std::unique_ptr<job>> waiting;
  std::map<digest, std::vector<callback>> asked;  // of jobs that wait or are being made
  std::size_t callbacks = 0;
  std::size_t computed = 0;
  own_thread thread;

  void run(std::stop_token const& stop) {
    // Whoever floods the endpoint with passwords is not to slow the service down.
    ::setpriority(PRIO_PROCESS, 0, 10);  // on Linux, of this thread alone
    while (auto const next = take(stop)) {
      outcome const seen = judge(*next);
      for (callback const& each : finish(next->key, seen)) try {
          each(seen);
        } catch (std::bad_alloc const&) {
          // That request is answered when its time is over.
        }
    }
  }

  /// A name that nobody has is checked against the hash of the user whom its own hash picks.
  question ask(user_list const& users, std::string_view user, std::string_view password) const {
    auto const found = std::find_if(users.begin(), users.end(),
                                    [&](auto const& each) { return each.first == user; });
    bool const is_user = found != users.end();
    digest const name = hash({user});
    std::uint64_t pick = 0;
    std::memcpy(&pick, name.data(), sizeof pick);
    std::string const& against = is_user ? found->second : users[pick % users.size()].second;
    return {hash({is_user ? "u" : "n", user, against, password}), against, is_user};
  }

  /// REQUIRES: the mutex is held.
  std::optional<outcome> known(digest const& key) {
    if (right.has(key)) return outcome::right;
    if (wrong.has(key)) return outcome::wrong;
    return std::nullopt;
  }

  static outcome judge(job const& next) noexcept try {
    bool const matches = bcrypt_matches(next.hash, next.password);
    return matches && next.is_user ? outcome::right : outcome::wrong;
  } catch (std::bad_alloc const&) {
    return outcome::busy;
  }

  std::unique_ptr<job> take(std::stop_token const& stop) {
    std::unique_lock lock(mutex);
    if (!changed.wait(lock, stop, [this] { return !waiting.empty(); }) || stop.stop_requested())
      return nullptr;
    auto next = std::move(waiting.front());
    waiting.pop_front();
    return next;
  }

  std::vector<callback> finish(digest const& key, outcome seen) {
    std::lock_guard const lock(mutex);
    ++computed;
    auto told = std::move(asked[key]);
    asked.erase(key);
    callbacks -= told.size();
    if (seen == outcome::busy) return told;
    try {
      (seen == outcome::right ? right : wrong).add(key);
    } catch (std::bad_alloc const&) {
      // It will be computed again.
    }
    return told;
  }
};

password_checker::password_checker(password_limits limits)
    : state_(std::make_shared<state>(limits)) {}

password_checker::~password_checker() {
  state_->thread.end();
  std::lock_guard const lock(state_->mutex);
  state_->waiting.clear();
}

std::optional<outcome> password_checker::known(user_list const& users, std::string_view user,
                                               std::string_view password) {
  question const asks = state_->ask(users, user, password);
  std::lock_guard const lock(state_->mutex);
  return state_->known(asks.key);
}

std::optional<outcome> password_checker::check(user_list const& users, std::string_view user,
                                               std::string_view password, callback later) {
  state& in = *state_;
  auto const [key, hash, is_user] = in.ask(users, user, password);
  std::lock_guard const lock(in.mutex);
  if (auto const known = in.known(key)) return known;
  if (in.callbacks >= in.limits.callbacks_max) return outcome::busy;
  auto const asked = in.asked.find(key);
  if (asked != in.asked.end()) {
    asked->second.push_back(std::move(later));
    ++in.callbacks;
    return std::nullopt;
  }
  if (in.waiting.size() >= in.limits.waiting_max) return outcome::busy;
  if (!in.thread.running()) try {
      in.thread.start([shared = state_](std::stop_token const& stop) { shared->run(stop); });
    } catch (std::system_error const&) {
      return outcome::busy;  // no thread can be had now
    }
  auto made = std::make_unique<job>(job{key, hash, std::string(password), is_user});
  in.waiting.push_back(std::move(made));
  try {
    in.asked[key].push_back(std::move(later));
  } catch (std::bad_alloc const&) {
    in.asked.erase(key);
    in.waiting.pop_back();
    throw;
  }
  ++in.callbacks;
  in.changed.notify_one();
  return std::nullopt;
}

std::size_t password_checker::computed() const {
  std::lock_guard const lock(state_->mutex);
  return state_->computed;
}

}  // namespace stele::securing
