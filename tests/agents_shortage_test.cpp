// The agents where memory is short: what lacks it is refused, and all that comes later has its
// turn. This program's malloc fails from a chosen call on, on the test's own thread or on the
// others; its pthread_create fails while it is told to.

#include <dlfcn.h>
#include <pthread.h>
#include <coderd.hpp>
#include <sample.hpp>
#include <stele_self.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <future>
#include <new>
#include <string>
#include <thread>

#include "agents_http_case.hpp"
#include "short_malloc.hpp"
#include "soon.hpp"

using namespace stele::test;
using namespace std::chrono_literals;

namespace {

constinit std::atomic<bool> has_threads{true};

}  // namespace

extern "C" int pthread_create(pthread_t* made, pthread_attr_t const* how, void* (*run)(void*),
                              void* with) noexcept {
  static auto* const real =
      reinterpret_cast<decltype(&pthread_create)>(dlsym(RTLD_NEXT, "pthread_create"));
  return has_threads ? real(made, how, run, with) : EAGAIN;
}

namespace {

/// What a push of another thread is answered with; 0: nothing within 5 s.
unsigned answer_of_a_push(stele::agents& to) {
  std::promise<unsigned> said;
  auto answered = said.get_future();
  std::thread other([&] {
    spared = true;
    said.set_value(to.push({.user_id = "u", .workspace_id = "w"}, "a 1\n").status);
  });
  bool const in_time = answered.wait_for(5s) == std::future_status::ready;
  if (!in_time) to.stop();  // which answers whoever waits
  other.join();
  return in_time ? answered.get() : 0;
}

// "What lacks memory ends, and what comes later has its turn": whoever pushes in process.
TEST(AgentsShortage, APushThatHasNoMemoryDelaysNoOther) {
  spared = true;
  agents_case given;
  auto agents = given.start<sample::table>();
  bool ended = false;
  for (int calls = 0; !ended; ++calls) {
    ASSERT_LT(calls, 200);
    own_calls_left = calls;
    try {
      ended = agents.push({.user_id = "u", .workspace_id = "w"}, "a 1\n").status == 200;
    } catch (std::bad_alloc const&) {
      ended = false;
    }
    own_calls_left = endless;
    ASSERT_EQ(answer_of_a_push(agents), 200U) << "after a push with " << calls << " calls";
  }
}

// The same where the agents' own thread has none, for longer than a tick.
TEST(AgentsShortage, TheAgentsGoOnWhenThereIsMemoryAgain) {
  spared = true;
  for (int calls = 0; calls < 4; ++calls) {
    agents_case given;
    // No file is looked at: that is another thread's, which is not what this is about.
    auto agents = given.start<sample::table>({.reload_check_time = stele::whole_milliseconds(0)});
    ASSERT_EQ(given.put(agents, "w1", "a 1\n").result_int(), 200U);
    client waits(agents.port());
    calls_left = calls;
    waits.send("PUT " + path_of("w2") + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " +
               token_of("w2") + "\r\nContent-Length: 4\r\n\r\na 1\n");
    std::this_thread::sleep_for(1200ms);
    calls_left = endless;
    ASSERT_EQ(answer_of_a_push(agents), 200U) << "with " << calls << " calls";
    EXPECT_EQ(given.put(agents, "w1", "a 1\n").result_int(), 200U);
  }
}

// "The next claim tries again": where a new token of the peers finds no thread to be told by.
TEST(AgentsShortage, ClaimsGoOnWhenThereIsAThreadAgain) {
  spared = true;
  stele::feed_self_rows<stele_self::table>();
  auto const sent = [] {
    std::string const text = stele::testing::exposition<stele_self::table>();
    std::string const name = "stele_agents_claims_total{result=\"sent\"} ";
    return std::stod(text.substr(text.find(name) + name.size()));
  };
  agents_case given;
  auto const both = given.folder.write("both", "the-first-token-of-all\nthe-second-token-of-all\n");
  auto const own = given.folder.write("own", "the-first-token-of-all\n");
  auto peer = given.start<sample::table>({.peer_token_file = both});
  std::string const url = "http://127.0.0.1:" + std::to_string(peer.port());
  std::string_view const urls[]{url};
  auto agents = given.start<coderd::table>({.reload_check_time = stele::whole_milliseconds(10),
                                            .peer_urls = urls,
                                            .peer_token_file = own});
  double const before = sent();
  ASSERT_EQ(given.put(agents, "w1", "a 1\n").result_int(), 200U);
  ASSERT_TRUE(soon([&] { return sent() == before + 1; }));
  given.folder.write("own", "the-second-token-of-all\n");
  ASSERT_TRUE(soon([&] {
    return agents_case::ask(agents, "POST", "/-/claims", "1 other\n",
                            {{"Authorization", "Bearer the-second-token-of-all"}})
               .result_int() == 200U;
  }));
  has_threads = false;
  EXPECT_EQ(given.put(agents, "w2", "a 1\n").result_int(), 200U);
  has_threads = true;
  EXPECT_EQ(given.put(agents, "w3", "a 1\n").result_int(), 200U);
  EXPECT_TRUE(soon([&] { return sent() == before + 2; }));
}

}  // namespace
