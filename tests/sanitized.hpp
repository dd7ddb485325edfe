// sanitized.hpp: whether a test is compiled with a sanitizer, which makes it some ten times slower
// and has an allocator, and calls between instructions, of its own.
//
//   constexpr int gathers = 3000 / stele::test::scale;
//   if (stele::test::thread_sanitized) GTEST_SKIP() << stele::test::why_no_fork;
//   #if !STELE_TEST_SANITIZED
//
// Threads: constants.

#pragma once

#if defined(__SANITIZE_THREAD__)
#define STELE_TEST_TSAN 1
#elif defined(__SANITIZE_ADDRESS__)
#define STELE_TEST_ASAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define STELE_TEST_TSAN 1
#elif __has_feature(address_sanitizer)
#define STELE_TEST_ASAN 1
#endif
#endif
#ifndef STELE_TEST_TSAN
#define STELE_TEST_TSAN 0
#endif
#ifndef STELE_TEST_ASAN
#define STELE_TEST_ASAN 0
#endif
#define STELE_TEST_SANITIZED (STELE_TEST_TSAN || STELE_TEST_ASAN)

namespace stele::test {

inline constexpr bool thread_sanitized = STELE_TEST_TSAN != 0;
inline constexpr bool address_sanitized = STELE_TEST_ASAN != 0;  // and leaks are sought
inline constexpr bool sanitized = thread_sanitized || address_sanitized;

/// By what the work of a stress is divided.
inline constexpr int scale = sanitized ? 10 : 1;

inline constexpr char const* why_no_fork =
    "ThreadSanitizer does not follow threads into the child of a fork";

}  // namespace stele::test
