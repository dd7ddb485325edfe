// sanitized.hpp: whether a test is compiled with a sanitizer, which makes it some ten times slower
// and has an allocator, and calls between instructions, of its own.
//
//   constexpr int gathers = stele::test::sanitized ? 300 : 3000;
//   #if !STELE_TEST_SANITIZED
//
// Threads: constants.

#pragma once

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
#define STELE_TEST_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
#define STELE_TEST_SANITIZED 1
#endif
#endif
#ifndef STELE_TEST_SANITIZED
#define STELE_TEST_SANITIZED 0
#endif

namespace stele::test {

inline constexpr bool sanitized = STELE_TEST_SANITIZED != 0;

}  // namespace stele::test
