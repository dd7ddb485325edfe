// The endpoint where memory is short: what lacks it ends, and the endpoint goes on. This program's
// malloc fails on the endpoint's thread from a chosen call on.

#include <sample.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <thread>
#include <vector>

#include "endpoint_case.hpp"
#include "short_malloc.hpp"

using stele::test::client;
using stele::test::start;
using namespace std::chrono_literals;

// The first connection finds nothing that was allocated before, or not even the endpoint's thread
// did when it began.
TEST(EndpointShortage, AcceptsWhenThereIsMemoryAgain) {
  spared = true;
  for (int run = 0; run < 24; ++run) {
    int const calls = run / 2;
    auto endpoint = start();
    if (run % 2 != 0) std::this_thread::sleep_for(10ms);  // it waits for connections
    std::vector<std::unique_ptr<client>> hopeless;
    calls_left = calls;
    for (int i = 0; i < 5; ++i) hopeless.push_back(std::make_unique<client>(endpoint.port()));
    std::this_thread::sleep_for(50ms);
    calls_left = endless;
    client later(endpoint.port());
    later.send("GET /-/healthy HTTP/1.1\r\nHost: x\r\n\r\n");
    ASSERT_TRUE(later.hears_within(2s)) << "with " << calls << " calls";
    EXPECT_EQ(later.read().body(), "OK\n");
  }
}

TEST(EndpointShortage, StopsWithinItsBound) {
  spared = true;
  for (int calls = 0; calls < 12; ++calls) {
    auto endpoint = start({.drain_time_max = 4s});
    client idle(endpoint.port());
    EXPECT_EQ(idle.get("/-/healthy").body(), "OK\n");
    calls_left = calls;
    auto const before = std::chrono::steady_clock::now();
    endpoint.stop();
    // A second where the endpoint does not know yet that the answer has been sent: the client,
    // which is to close first, does not.
    EXPECT_LT(std::chrono::steady_clock::now() - before, 2s) << "with " << calls << " calls";
    calls_left = endless;
    EXPECT_TRUE(idle.closed());
  }
}
