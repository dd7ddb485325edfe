// The endpoint where memory is short: what lacks it ends, and the endpoint goes on. This program's
// malloc fails on the endpoint's thread from a chosen call on.

#include <sample.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "endpoint_case.hpp"

using stele::test::client;
using stele::test::start;
using namespace std::chrono_literals;

extern "C" {
void* __libc_malloc(std::size_t bytes);
void* __libc_calloc(std::size_t count, std::size_t bytes);
void* __libc_realloc(void* memory, std::size_t bytes);
void* __libc_memalign(std::size_t alignment, std::size_t bytes);
}

namespace {

constexpr int endless = 1 << 30;

/// How many more calls are served.
constinit std::atomic<int> calls_left{endless};
/// Of the thread of the test.
constinit thread_local bool spared = false;

bool is_served() noexcept {
  if (spared || calls_left.load(std::memory_order_relaxed) == endless) return true;
  return calls_left.fetch_sub(1, std::memory_order_relaxed) > 0;
}

void* served(void* memory) noexcept {
  if (memory == nullptr) errno = ENOMEM;
  return memory;
}

}  // namespace

extern "C" void* malloc(std::size_t bytes) {
  return served(is_served() ? __libc_malloc(bytes) : nullptr);
}
extern "C" void* calloc(std::size_t count, std::size_t bytes) {
  return served(is_served() ? __libc_calloc(count, bytes) : nullptr);
}
extern "C" void* realloc(void* memory, std::size_t bytes) {
  return served(is_served() ? __libc_realloc(memory, bytes) : nullptr);
}
extern "C" void* aligned_alloc(std::size_t alignment, std::size_t bytes) {
  return served(is_served() ? __libc_memalign(alignment, bytes) : nullptr);
}
extern "C" int posix_memalign(void** to, std::size_t alignment, std::size_t bytes) {
  if (!is_served()) return ENOMEM;
  *to = __libc_memalign(alignment, bytes);
  return *to == nullptr ? ENOMEM : 0;
}

// The first connection finds nothing that was allocated before.
TEST(EndpointShortage, AcceptsWhenThereIsMemoryAgain) {
  spared = true;
  for (int calls = 0; calls < 12; ++calls) {
    auto endpoint = start();
    std::this_thread::sleep_for(10ms);  // it waits for connections
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
