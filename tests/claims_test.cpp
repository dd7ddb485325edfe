// What an instance tells its peers about the workspaces that it took over, and how it is read.

#include "agents/claims.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "agents/claim_lines.hpp"
#include "heard.hpp"
#include "in_child.hpp"
#include "push_stub.hpp"
#include "sanitized.hpp"
#include "soon.hpp"

using namespace std::chrono_literals;
using namespace stele::pushing;
using stele::test::heard;
using stele::test::push_stub;
using stele::test::soon;

namespace {

constexpr auto long_time = 20s;

std::string say_yes(push_stub::request const&) { return push_stub::answer(200); }

/// A peer as it is to be: it keeps the latest epoch of each workspace, and refuses older ones.
class peer {
 public:
  std::string take(push_stub::request const& asked) {
    auto const read = read_claims(asked.body);
    if (!read) return push_stub::answer(400, read.error().message);
    std::lock_guard const lock(mutex_);
    std::vector<claim_line> later;
    for (claim_line const& each : *read) {
      epoch& known = known_[each.workspace_id];
      if (known > each.since)
        later.push_back({known, each.workspace_id});
      else
        known = each.since;
    }
    return push_stub::answer(200, write_refusals(later));
  }
  std::size_t workspaces() {
    std::lock_guard const lock(mutex_);
    return known_.size();
  }
  epoch known(std::string const& workspace) {
    std::lock_guard const lock(mutex_);
    return known_[workspace];
  }

 private:
  std::mutex mutex_;
  std::map<std::string, epoch> known_;
};

// "a line each `<epoch> <percent-encoded workspace_id>\n`".
TEST(ClaimLines, AreReadAsTheyAreWritten) {
  std::vector<claim_line> const all{
      {1, "w1"}, {1'700'000'000'000, "a b/%\n\xc3\xa9"}, {253'402'300'799'999, "-._~"}};
  std::string const body = write_refusals(all);
  EXPECT_EQ(body, "1 w1\n1700000000000 a%20b%2F%25%0A%C3%A9\n253402300799999 -._~\n");
  auto const read = read_claims(body);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, all);
  EXPECT_EQ(read_claims("7 x")->size(), 1U);  // the last line's end may be missing
  EXPECT_TRUE(read_claims("")->empty());
}

// "or an error sentence with the line".
TEST(ClaimLines, SayWhichLineIsWrong) {
  for (std::string const wrong : {"",
                                  "w1",
                                  "1",
                                  "1 ",
                                  "0 w1",
                                  "-1 w1",
                                  "x w1",
                                  "253402300800000 w1",
                                  "9223372036854775807 w1",
                                  "9223372036854775808 w1",
                                  "1  w1",
                                  "1 w 1",
                                  "1\tw1",
                                  "+1 w1",
                                  "1 w%1",
                                  "1 w%zz",
                                  "1 w\x01",
                                  "1 \xc3\xa9",
                                  "1 w1\r",
                                  " 1 w1"}) {
    auto const read = read_claims("5 w0\n" + wrong + "\n6 w2\n");
    ASSERT_FALSE(read) << wrong;
    EXPECT_TRUE(read.error().message.starts_with("line 2: expected an epoch")) << wrong;
    EXPECT_EQ(read.error().message.find('\n'), std::string::npos);
  }
  auto const read = read_claims(std::string(500, 'x'));
  ASSERT_FALSE(read);
  EXPECT_LT(read.error().message.size(), 300U);
}

// "one POST to `<peer>/-/claims` …, Authorization: Bearer token".
TEST(Claims, GoToEachPeer) {
  push_stub one(say_yes);
  push_stub other(say_yes);
  claims tells({.peers = {one.url(), other.url() + "/"}, .token = "T1"}, nullptr);
  tells.claim("w 1", 1'700'000'000'000);
  for (push_stub* each : {&one, &other}) {
    each->wait_for(1);
    auto const asked = each->requests()[0];
    EXPECT_EQ(asked.method, "POST");
    EXPECT_EQ(asked.path, "/-/claims");
    EXPECT_TRUE(asked.has("\r\nauthorization: bearer t1\r\n")) << asked.head;
    EXPECT_EQ(asked.body, "1700000000000 w%201\n");
  }
  EXPECT_TRUE(soon([&] { return tells.counts().sent == 2; }));
  auto const counts = tells.counts();
  EXPECT_EQ(counts.failed, 0U);
  EXPECT_EQ(counts.requests, 2U);
  EXPECT_EQ(counts.waiting, 0U);
}

// "a line for each claim that the peer did not accept because it knows a later epoch … → handed to
// the callback", as late a one of a peer that has a tie, too; what was not asked, or is earlier, is
// no answer to it.
TEST(Claims, HandOutWhatAPeerKnowsBetter) {
  push_stub server(
      [](auto const&) { return push_stub::answer(200, "20 w%201\n20 stranger\n10 w2\n5 w3\n"); });
  std::mutex mutex;
  std::vector<claim_line> later;
  claims tells({.peers = {server.url()}, .pause_ms = 1}, [&](claim_line const& each) {
    std::lock_guard const lock(mutex);
    later.push_back(each);
  });
  for (auto const* workspace : {"w 1", "w2", "w3"}) tells.claim(workspace, 10);
  EXPECT_TRUE(soon([&] { return tells.counts().sent == 3; }));
  tells.stop();
  EXPECT_EQ(later, (std::vector<claim_line>{{20, "w 1"}, {10, "w2"}}));
  EXPECT_EQ(tells.counts().refused, 2U);
}

// "Retry with back-off".
TEST(Claims, AreTriedAgain) {
  std::atomic<int> count{0};
  peer peers;
  push_stub server([&](push_stub::request const& asked) {
    int const now = count++;
    return now == 0 ? "" : now == 1 ? push_stub::answer(503) : peers.take(asked);
  });
  claims tells({.peers = {server.url()}}, nullptr);
  tells.claim("w1", 10);
  EXPECT_TRUE(soon([&] { return tells.counts().sent == 1; }));
  EXPECT_EQ(peers.known("w1"), 10);
  auto const all = server.requests();
  ASSERT_EQ(all.size(), 3U);
  EXPECT_GE(all[2].came - all[1].came, 190ms);  // half of the second pause
}

// "newest epoch of a workspace wins": also over one that failed meanwhile.
TEST(Claims, TellTheNewestEpoch) {
  std::promise<void> let_go;
  auto const wait = let_go.get_future().share();
  std::atomic<int> count{0};
  peer peers;
  push_stub server([&](push_stub::request const& asked) {
    if (count++ != 0) return peers.take(asked);
    wait.wait();
    return push_stub::answer(500);
  });
  claims tells({.peers = {server.url()}}, nullptr);
  tells.claim("w1", 10);
  tells.claim("w2", 11);
  server.wait_for(1);
  tells.claim("w1", 30);
  tells.claim("w1", 20);
  let_go.set_value();
  EXPECT_TRUE(soon([&] { return tells.counts().waiting == 0; }));
  EXPECT_EQ(peers.known("w1"), 30);
  EXPECT_EQ(peers.known("w2"), 11);
  auto const body = server.requests()[1].body;
  EXPECT_EQ(body.find("w1"), body.rfind("w1")) << body;  // once
}

// "until the TTL is over".
TEST(Claims, AreGivenUpAtTheEndOfTheTimeToLive) {
  heard said;
  push_stub server([](auto const&) { return push_stub::answer(401); });
  claims tells({.peers = {server.url()}, .ttl_ms = 1'500}, nullptr);
  tells.claim("w1", 10);
  EXPECT_TRUE(soon([&] { return tells.counts().failed == 1; }));
  EXPECT_GE(server.requests().size(), 2U);
  tells.stop();
  EXPECT_EQ(tells.counts().waiting, 0U);
  EXPECT_EQ(tells.counts().failed, 1U);
  EXPECT_NE(said.text().find("/-/claims to take note, saw 401; give this instance the token"),
            std::string::npos)
      << said.text();
}

// "a storm of 10,000 workspaces … must go through in few requests".
TEST(Claims, OfAStormAreFewRequests) {
  constexpr int storm = 10'000;
  peer peers;
  push_stub server([&](push_stub::request const& asked) { return peers.take(asked); });
  claims tells({.peers = {server.url()}}, nullptr);
  auto const before = std::chrono::steady_clock::now();
  for (int i = 0; i < storm; ++i) {
    tells.claim("4f9c8b1a-0000-0000-0000-" + std::to_string(100'000'000'000 + i), 10);
    if (i % 1'000 == 999) std::this_thread::sleep_for(50ms);
  }
  EXPECT_TRUE(soon([&] { return tells.counts().sent == storm; }));
  auto const took = std::chrono::steady_clock::now() - before;
  EXPECT_EQ(peers.workspaces(), static_cast<std::size_t>(storm));
  EXPECT_LE(server.requests().size(), static_cast<std::size_t>(took / 100ms) + 2);
  for (auto const& each : server.requests()) EXPECT_LE(each.body.size(), claims_bytes_max);
  EXPECT_EQ(server.connections(), 1U);
}

// "bounded queue".
TEST(Claims, HaveABoundForEachPeer) {
  push_stub* of = nullptr;
  push_stub server([&](auto const&) {
    of->hold(long_time);
    return push_stub::answer(200);
  });
  of = &server;
  claims tells({.peers = {server.url()}, .waiting_max = 10}, nullptr);
  tells.claim("first", 10);
  server.wait_for(1);
  for (int i = 0; i < 15; ++i) tells.claim("w" + std::to_string(i), 10);
  EXPECT_EQ(tells.counts().failed, 5U);
  EXPECT_EQ(tells.counts().waiting, 11U);  // with the one under way
}

// "one slow or dead peer does not delay another".
TEST(Claims, DoNotWaitForAnotherPeer) {
  push_stub* of = nullptr;
  push_stub slow([&](auto const&) {
    of->hold(long_time);
    return push_stub::answer(200);
  });
  of = &slow;
  std::string dead;
  {
    push_stub gone(say_yes);
    dead = gone.url();
  }
  push_stub well(say_yes);
  claims tells({.peers = {slow.url(), dead, well.url()}, .pause_ms = 1}, nullptr);
  auto const before = std::chrono::steady_clock::now();
  for (int i = 0; i < 5; ++i) {
    tells.claim("w" + std::to_string(i), 10);
    well.wait_for(static_cast<std::size_t>(i) + 1);
  }
  EXPECT_LT(std::chrono::steady_clock::now() - before, 3s);
  EXPECT_EQ(slow.requests().size(), 1U);
  auto const stop = std::chrono::steady_clock::now();
  tells.stop();
  EXPECT_LT(std::chrono::steady_clock::now() - stop, 2s);
  EXPECT_EQ(tells.counts().sent + tells.counts().failed, 15U);  // none is lost silently
}

TEST(Claims, MayBeMadeInTheCallbackAndAfterTheEnd) {
  std::atomic<int> count{0};
  push_stub server(
      [&](auto const&) { return push_stub::answer(200, count++ == 0 ? "20 w1\n" : ""); });
  claims* self = nullptr;
  claims tells({.peers = {server.url()}, .pause_ms = 1},
               [&](claim_line const& later) { self->claim(later.workspace_id, later.since + 1); });
  self = &tells;
  tells.claim("w1", 10);
  server.wait_for(2);
  EXPECT_EQ(server.requests()[1].body, "21 w1\n");
  tells.stop();
  tells.claim("w2", 10);
  tells.stop();
  EXPECT_EQ(tells.counts().waiting, 0U);
}

TEST(Claims, WithoutPeersCostNothing) {
  claims tells({}, nullptr);
  tells.claim("w1", 10);
  EXPECT_EQ(tells.counts().waiting, 0U);
}

TEST(Claims, AreNotMadeInTheChildOfAFork) {
  if (stele::test::thread_sanitized) GTEST_SKIP() << stele::test::why_no_fork;
  push_stub server(say_yes);
  auto tells = std::make_unique<claims>(claim_settings{.peers = {server.url()}}, nullptr);
  EXPECT_EQ(in_child([&] {
              tells->claim("w1", 10);
              tells->stop();
              tells.reset();
              return true;
            }),
            0);
  tells->claim("w2", 10);
  server.wait_for(1);
  EXPECT_EQ(server.requests()[0].body, "10 w2\n");
}

}  // namespace
