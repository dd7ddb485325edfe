// The agents where memory is short: what lacks it is refused, and all that comes later has its
// turn. This program's malloc fails from a chosen call on, on the test's own thread or on the
// others.

#include <sample.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <future>
#include <new>
#include <string>
#include <thread>

#include "agents_http_case.hpp"
#include "short_malloc.hpp"

using namespace stele::test;
using namespace std::chrono_literals;

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

}  // namespace
