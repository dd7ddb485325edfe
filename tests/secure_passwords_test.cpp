// Passwords, tokens, the Authorization field and the rate limit: each alone.

#include <crypt.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "secure/authorization.hpp"
#include "secure/bcrypt.hpp"
#include "secure/known_results.hpp"
#include "secure/passwords.hpp"
#include "secure/rate_limit.hpp"
#include "secure/tokens.hpp"

namespace {

using namespace stele::securing;
using namespace std::chrono_literals;
using outcome = password_checker::outcome;

std::string hash_of(std::string const& password, std::string const& kind = "$2b$",
                    std::string const& cost = "04") {
  crypt_data state{};
  return ::crypt_r(password.c_str(), (kind + cost + "$abcdefghijklmnopqrstuu").c_str(), &state);
}

/// Collects what callbacks say.
class answers {
 public:
  password_checker::callback next() {
    return [this](outcome seen) {
      std::lock_guard const lock(mutex_);
      all_.push_back(seen);
      came_.notify_all();
    };
  }
  std::vector<outcome> wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(came_.wait_for(lock, 30s, [&] { return all_.size() >= count; }));
    return all_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable came_;
  std::vector<outcome> all_;
};

outcome check(password_checker& checker, user_list const& users, std::string const& user,
              std::string const& password) {
  answers later;
  if (auto const known = checker.check(users, user, password, later.next())) return *known;
  return later.wait_for(1).at(0);
}

TEST(SecureBcrypt, EachKindMatchesItsPasswordAlone) {
  for (std::string const kind : {"$2a$", "$2b$", "$2y$"}) {
    std::string const hash = hash_of("secret", kind);
    EXPECT_TRUE(bcrypt_matches(hash, "secret"));
    EXPECT_FALSE(bcrypt_matches(hash, "secres"));
    EXPECT_FALSE(bcrypt_matches(hash, ""));
    EXPECT_FALSE(bcrypt_matches(hash, std::string("secret\0x", 8))) << "cut at a NUL";
  }
  // A vector of others: `htpasswd`, whose $2y$ all implementations know.
  EXPECT_TRUE(
      bcrypt_matches("$2y$05$bvIG6Nmid91Mu9RcmmWZfO5HJIMCT8riNW0hEp8f6/FuA2/mHZFpe", "password"));
}

TEST(SecurePasswords, RightOnesAreRightAndAllElseIsWrong) {
  password_checker checker;
  user_list const users{{"alice", hash_of("a-secret")}, {"bob", hash_of("b-secret")}};
  EXPECT_EQ(check(checker, users, "alice", "a-secret"), outcome::right);
  EXPECT_EQ(check(checker, users, "bob", "b-secret"), outcome::right);
  EXPECT_EQ(check(checker, users, "alice", "b-secret"), outcome::wrong);
  EXPECT_EQ(check(checker, users, "Alice", "a-secret"), outcome::wrong);
  EXPECT_EQ(check(checker, users, "", ""), outcome::wrong);
}

// A name that nobody has is checked against some user's hash, whose password must not let it in.
TEST(SecurePasswords, NobodyIsLetInByAnothersPassword) {
  password_checker checker;
  user_list const users{{"alice", hash_of("a-secret")}};
  EXPECT_EQ(check(checker, users, "mallory", "a-secret"), outcome::wrong);
  EXPECT_EQ(check(checker, users, "alice", "a-secret"), outcome::right);
  EXPECT_EQ(check(checker, users, "mallory", "a-secret"), outcome::wrong);
}

// "verified results are cached …, also for unknown users"
TEST(SecurePasswords, EachIsComputedOnce) {
  password_checker checker;
  user_list const users{{"alice", hash_of("a-secret")}};
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(check(checker, users, "alice", "a-secret"), outcome::right);
    EXPECT_EQ(check(checker, users, "alice", "wrong"), outcome::wrong);
    EXPECT_EQ(check(checker, users, "mallory", "wrong"), outcome::wrong);
  }
  EXPECT_EQ(checker.computed(), 3U);
}

// "a keyed hash of user, hash and password": a changed hash is another question.
TEST(SecurePasswords, WhatWasKnownOfAnOldHashIsNotUsedForTheNewOne) {
  password_checker checker;
  EXPECT_EQ(check(checker, {{"alice", hash_of("old")}}, "alice", "old"), outcome::right);
  EXPECT_EQ(check(checker, {{"alice", hash_of("new")}}, "alice", "old"), outcome::wrong);
  EXPECT_EQ(check(checker, {{"alice", hash_of("new")}}, "alice", "new"), outcome::right);
  EXPECT_EQ(check(checker, {{"bob", hash_of("old")}}, "alice", "old"), outcome::wrong);
}

// "concurrent same-credential requests verified once"
TEST(SecurePasswords, ThoseThatAskForTheSameMeanwhileShareTheAnswer) {
  password_checker checker;
  user_list const users{{"alice", hash_of("secret", "$2b$", "10")}};
  answers later;
  std::size_t pending = 0;
  for (int i = 0; i < 50; ++i) {
    auto const known = checker.check(users, "alice", "secret", later.next());
    if (!known)
      ++pending;
    else
      EXPECT_EQ(*known, outcome::right);
  }
  EXPECT_GE(pending, 1U);
  for (outcome const each : later.wait_for(pending)) EXPECT_EQ(each, outcome::right);
  EXPECT_EQ(checker.computed(), 1U);
}

// "bounded queue"
TEST(SecurePasswords, WhatDoesNotFitIsBusyAndIsNotRemembered) {
  password_checker checker({.waiting_max = 2, .callbacks_max = 4});
  user_list const users{{"alice", hash_of("secret", "$2b$", "10")}};
  answers later;
  std::size_t pending = 0;
  bool was_busy = false;
  for (int i = 0; i < 10; ++i) {
    auto const known = checker.check(users, "alice", "guess" + std::to_string(i), later.next());
    if (!known) ++pending;
    was_busy = was_busy || known == outcome::busy;
  }
  EXPECT_TRUE(was_busy);
  EXPECT_LE(pending, 4U);
  later.wait_for(pending);
  EXPECT_EQ(check(checker, users, "alice", "secret"), outcome::right);
}

// A flood of wrong passwords leaves those who were right before alone.
TEST(SecurePasswords, WrongOnesPushNoRightOneOut) {
  password_checker checker({.right_max = 2, .wrong_max = 4});
  user_list const users{{"alice", hash_of("secret")}};
  EXPECT_EQ(check(checker, users, "alice", "secret"), outcome::right);
  for (int i = 0; i < 20; ++i) check(checker, users, "alice", "guess" + std::to_string(i));
  auto const before = checker.computed();
  EXPECT_EQ(check(checker, users, "alice", "secret"), outcome::right);
  EXPECT_EQ(checker.computed(), before);
}

// "unknown users: same time as a wrong password". Lenient: the median of several, twice the other.
TEST(SecurePasswords, AnUnknownNameTakesAsLongAsAWrongPassword) {
  password_checker checker;
  user_list const users{{"alice", hash_of("secret", "$2b$", "08")}};
  auto const time_of = [&](std::string const& user) {
    std::vector<std::chrono::nanoseconds> all;
    for (int i = 0; i < 15; ++i) {
      auto const begin = std::chrono::steady_clock::now();
      EXPECT_EQ(check(checker, users, user, "guess" + std::to_string(i)), outcome::wrong);
      all.push_back(std::chrono::steady_clock::now() - begin);
    }
    std::nth_element(all.begin(), all.begin() + 7, all.end());
    return all[7];
  };
  auto const wrong = time_of("alice");
  auto const unknown = time_of("mallory");
  EXPECT_LT(unknown, wrong * 2);
  EXPECT_LT(wrong, unknown * 2);
  EXPECT_EQ(checker.computed(), 30U);
}

TEST(SecurePasswords, ItsEndWaitsForNoQueue) {
  user_list const users{{"alice", hash_of("secret", "$2b$", "10")}};
  answers later;
  auto const begin = std::chrono::steady_clock::now();
  {
    password_checker checker({.waiting_max = 100});
    for (int i = 0; i < 100; ++i)
      (void)checker.check(users, "alice", "guess" + std::to_string(i), later.next());
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 4s);  // 100 take some 7 s at least
}

// A callback may hold the last owner of all this, as a request holds its endpoint.
TEST(SecurePasswords, ACallbackMayDropTheChecker) {
  user_list const users{{"alice", hash_of("secret")}};
  auto owner =
      std::make_shared<std::unique_ptr<password_checker>>(std::make_unique<password_checker>());
  std::mutex mutex;
  std::condition_variable came;
  bool called = false;
  auto& checker = **owner;
  ASSERT_FALSE(checker.check(users, "alice", "secret", [&, owner](outcome) {
    owner->reset();
    std::lock_guard const lock(mutex);
    called = true;
    came.notify_all();
  }));
  std::unique_lock lock(mutex);
  EXPECT_TRUE(came.wait_for(lock, 30s, [&] { return called; }));
}

TEST(SecureKnownResults, TheOneNotAskedForTheLongestGoesFirst) {
  known_results known(2);
  digest const a = sha256("a"), b = sha256("b"), c = sha256("c");
  known.add(a);
  known.add(b);
  EXPECT_TRUE(known.has(a));
  known.add(c);
  EXPECT_TRUE(known.has(a));
  EXPECT_FALSE(known.has(b));
  EXPECT_EQ(known.size(), 2U);
}

// RFC 7617: the password may have colons, the name may not.
TEST(SecureAuthorization, BasicIsReadExactly) {
  auto const said = read_authorization("Basic QWxhZGRpbjpvcGVuOnNlc2FtZQ==");
  EXPECT_EQ(said.is, credentials::scheme::basic);
  EXPECT_EQ(said.user, "Aladdin");
  EXPECT_EQ(said.secret, "open:sesame");
  EXPECT_EQ(read_authorization("bAsIc Og==").is, credentials::scheme::basic);
  for (std::string const bad :
       {"", "Basic", "Basic ", "BasicOg==", "Basic Og",
        "Basic Og=", "Basic O===", "Basic ====", "Basic Og== ", "Basic QWxh ZGRp",
        "Basic QWxhZGRpbg==", "Basic O\ng==", "Digest Og==", "Basic Og==Og=="})
    EXPECT_EQ(read_authorization(bad).is, credentials::scheme::none) << bad;
}

// RFC 6750
TEST(SecureAuthorization, BearerIsTakenAsItIs) {
  auto const said = read_authorization("bearer abc.def==");
  EXPECT_EQ(said.is, credentials::scheme::bearer);
  EXPECT_EQ(said.secret, "abc.def==");
  EXPECT_EQ(read_authorization("Bearer ").is, credentials::scheme::none);
  EXPECT_EQ(read_authorization("Bearerx").is, credentials::scheme::none);
}

TEST(SecureTokens, PlainOnesAndHashesAreFound) {
  problems seen;
  auto const tokens = read_tokens(
      "tokens",
      "# a comment\n\n  Zm9yIHRoZSBzY3JhcGVy==  \r\n"
      "sha256:5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8\nlast-without-end",
      seen);
  EXPECT_EQ(seen.text(), "");
  EXPECT_TRUE(tokens.has("Zm9yIHRoZSBzY3JhcGVy=="));
  EXPECT_TRUE(tokens.has("password"));  // whose SHA-256 that is
  EXPECT_TRUE(tokens.has("last-without-end"));
  for (std::string const bad :
       {"", "passwor", "Zm9yIHRoZSBzY3JhcGVy=", "# a comment",
        "sha256:5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8"})
    EXPECT_FALSE(tokens.has(bad)) << bad;
}

TEST(SecureTokens, FaultsHaveTheirLineAndNoToken) {
  problems seen;
  (void)read_tokens("tokens", "short\nwith blank in the middle\n  sha256:12\nok-ok-ok-ok-ok-ok\n",
                    seen);
  std::string const said = seen.text();
  EXPECT_THAT(said, testing::HasSubstr("tokens:1:1: error: expected a token of at least 16"));
  EXPECT_THAT(said, testing::HasSubstr("tokens:2:1: error: expected a token of letters"));
  EXPECT_THAT(said, testing::HasSubstr("tokens:3:3: error: expected 64 hexadecimal digits"));
  EXPECT_THAT(said, Not(testing::HasSubstr("short")));
  problems empty;
  (void)read_tokens("tokens", "# none\n", empty);
  EXPECT_THAT(empty.text(), testing::HasSubstr("tokens: error: expected at least one token"));
}

// "token bucket; interval 0 = off"
TEST(SecureRateLimit, ABurstThenOneAnInterval) {
  token_bucket bucket({.interval = 2s, .burst = 3});
  token_bucket::clock::time_point now{1h};
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(bucket.take(now));
  EXPECT_EQ(bucket.take(now), 2s);
  EXPECT_EQ(bucket.take(now + 1500ms), 500ms);
  EXPECT_EQ(retry_after_seconds(500ms), 1);
  EXPECT_EQ(retry_after_seconds(1001ms), 2);
  EXPECT_FALSE(bucket.take(now + 2s));
  EXPECT_TRUE(bucket.take(now + 2s));
  now += 1h;  // full again, and not more than that
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(bucket.take(now));
  EXPECT_TRUE(bucket.take(now));
}

TEST(SecureRateLimit, NoIntervalIsNoLimit) {
  token_bucket bucket;
  token_bucket of_zero({.interval = 0s, .burst = 0});
  for (int i = 0; i < 1000; ++i) {
    EXPECT_FALSE(bucket.take({}));
    EXPECT_FALSE(of_zero.take({}));
  }
  token_bucket huge({.interval = std::chrono::hours(24 * 365 * 200), .burst = 1'000'000'000});
  EXPECT_FALSE(huge.take({}));
  EXPECT_TRUE(huge.take({}));
}

}  // namespace
