// Where memory is short: a call that needs some throws std::bad_alloc and leaves everything as it
// was, or does without. This program's malloc fails from a chosen call on.

#include <sample.hpp>
#include <stele/testing.hpp>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <new>
#include <optional>
#include <string>
#include <string_view>

using sample::metric;
using stele::testing::refused;

extern "C" {
void* __libc_malloc(std::size_t bytes);
void* __libc_calloc(std::size_t count, std::size_t bytes);
void* __libc_memalign(std::size_t alignment, std::size_t bytes);
}

namespace {

constexpr int endless = 1 << 30;

/// How many more calls of any thread are served.
constinit std::atomic<int> calls_left{endless};

bool is_served() noexcept {
  if (calls_left.load(std::memory_order_relaxed) == endless) return true;
  return calls_left.fetch_sub(1, std::memory_order_relaxed) > 0;
}

/// Calls work() with memory for 0, 1, 2, … calls of malloc until it has enough, and check() after
/// each. How many it took.
template <class Work, class Check>
int with_ever_more_memory(Work work, Check check) {
  constexpr int enough = 10'000;
  for (int calls = 0; calls < enough; ++calls) {
    calls_left = calls;
    try {
      work();
    } catch (std::bad_alloc const&) {
    }
    bool const sufficed = calls_left >= 0;
    calls_left = endless;
    check();
    if (sufficed) return calls;
  }
  ADD_FAILURE() << "work() had never enough memory";
  return enough;
}

/// A long text of a number, without memory of its own.
std::string_view digits_of(int number) {
  thread_local std::array<char, 200> text;
  text.fill('0');
  for (std::size_t at = 8; at > 0; number /= 10) text[--at] = static_cast<char>('0' + number % 10);
  return {text.data(), text.size()};
}

bool shows(std::string const& line) {
  return stele::testing::exposition<sample::table>().find("\n" + line + "\n") != std::string::npos;
}

}  // namespace

extern "C" {
void* malloc(std::size_t bytes) { return is_served() ? __libc_malloc(bytes) : nullptr; }
void* calloc(std::size_t count, std::size_t bytes) {
  return is_served() ? __libc_calloc(count, bytes) : nullptr;
}
int posix_memalign(void** memory, std::size_t alignment, std::size_t bytes) {
  *memory = is_served() ? __libc_memalign(alignment, bytes) : nullptr;
  return *memory == nullptr ? ENOMEM : 0;
}
}

TEST(ShortMemory, AReadingIsRegisteredOrNot) {
  std::optional<stele::reading> held;
  int const took = with_ever_more_memory(
      [&] {
        held.reset();
        held.emplace(metric<"sample_queue_length">.read_from([] { return 7; }));
      },
      [&] { EXPECT_EQ(shows("sample_queue_length 7"), held.has_value()); });
  EXPECT_GE(took, 2);
}

TEST(ShortMemory, AGatherThrowsAndTheNextIsAsEver) {
  int users = 0;
  auto const value = metric<"sample_queue_length">.read_from([] { return 7; });
  auto const set = metric<"sample_sessions">.read_from([&](auto& samples) {
    for (int i = 0; i < users; ++i) samples.add({.user = digits_of(i)}, i);
  });
  int threw = 0;
  // A set that grows: what is kept of earlier gathers does not suffice.
  for (users = 100; users < 9'000; users += users / 3)
    for (int calls = 0; calls < 12; ++calls) {
      calls_left = calls;
      try {
        static_cast<void>(stele::gather<sample::table>());
      } catch (std::bad_alloc const&) {
        ++threw;
      }
      calls_left = endless;
      auto const text = stele::testing::exposition<sample::table>();
      ASSERT_NE(text.find("\nsample_queue_length 7\n"), std::string::npos);
      ASSERT_NE(text.find("\"} " + std::to_string(users - 1) + "\n"), std::string::npos);
    }
  EXPECT_GT(threw, 5);
}

TEST(ShortMemory, ACallbackWhoseSamplesFindNoneIsLeftOutAndCounted) {
  auto const before = refused(metric<"sample_sessions">);
  bool is_short = true;
  auto const set = metric<"sample_sessions">.read_from([&](auto& samples) {
    if (is_short) calls_left = 0;
    for (int i = 0; i < 9'999; ++i) samples.add({.user = digits_of(i)}, i);
  });
  auto const text = [] {
    auto const values = stele::gather<sample::table>();
    calls_left = endless;
    std::string all;
    stele::expose(values, stele::format::text, [&](std::string_view part) { all += part; });
    return all;
  };
  EXPECT_EQ(text().find("sample_sessions"), std::string::npos);
  EXPECT_EQ(refused(metric<"sample_sessions">) - before, 1U);
  is_short = false;
  EXPECT_NE(text().find("sample_sessions{user=\"00009998"), std::string::npos);
}

TEST(ShortMemory, RowsOfTheLibrarysOwnAreFedByALaterCall) {
  int const took = with_ever_more_memory([] { stele::feed_process_rows<sample::table>(); }, [] {});
  EXPECT_GE(took, 3);
  auto const text = "\n" + stele::testing::exposition<sample::table>();
  for (std::string_view const row : stele::core::process_rows)
    EXPECT_NE(text.find("\n" + std::string(row) + " "), std::string::npos) << row;
}
