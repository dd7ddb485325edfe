// reading_case.hpp: what tests of callbacks need: something to wait at, and what a scrape shows.

#pragma once

#include <sample.hpp>
#include <stele/testing.hpp>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "sanitized.hpp"

namespace reading_case {

using namespace std::chrono_literals;

/// What callbacks wait at.
class gate {
 public:
  void pass() {
    std::unique_lock lock(mutex_);
    ++arrived_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return open_; });
  }
  void open() {
    std::lock_guard const lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  void wait_for_arrival() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return arrived_ > 0; });
  }
  [[nodiscard]] int arrived() {
    std::lock_guard const lock(mutex_);
    return arrived_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int arrived_ = 0;
  bool open_ = false;
};

inline std::string exposition(std::uint32_t deadline_ms = 10'000) {
  std::string text;
  stele::expose(stele::gather<sample::table>({.deadline_ms = deadline_ms}), stele::format::text,
                [&](std::string_view chunk) { text += chunk; });
  return text;
}

inline bool shows(std::string const& text, std::string const& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

inline std::size_t threads_of_process() {
  namespace fs = std::filesystem;
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator("/proc/self/task"), fs::directory_iterator{}));
}

/// Whether something comes true within a time that only a broken program needs.
template <class Condition>
bool in_time(Condition holds) {
  auto const end = std::chrono::steady_clock::now() + 20s;
  while (std::chrono::steady_clock::now() < end) {
    if (holds()) return true;
    std::this_thread::sleep_for(5ms);
  }
  return false;
}

/// More than a test may take: a gather that waits for it is a test that fails.
inline constexpr std::uint32_t never_ms = 3'600'000;

}  // namespace reading_case
