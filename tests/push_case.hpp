// push_case.hpp: what the tests of the push client share.
//
//   push_stub server(in_turn({503, 200}));
//   auto pusher = start({.url = server.url(), .job = "j"});
//   EXPECT_TRUE(within(long_time, [&] { return pusher.pushed() == 1; }));
//
// Threads: one.

#pragma once

#include <sample.hpp>
#include <stele/push.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "push_stub.hpp"

namespace stele::test {

using namespace std::chrono_literals;

constexpr auto long_time = 20s;

using status_list = std::vector<int>;

/// Answers with these in turn, and with the last one from then on.
inline push_stub::decision in_turn(status_list statuses, std::string fields = {}) {
  auto const at = std::make_shared<std::atomic<std::size_t>>(0);
  return [statuses, at, fields](push_stub::request const&) {
    std::size_t const one = std::min(at->fetch_add(1), statuses.size() - 1);
    return push_stub::answer(statuses[one], "", fields);
  };
}
inline std::string say_yes(push_stub::request const&) { return push_stub::answer(200); }

inline stele::pusher start(stele::push_options const& options) {
  auto made = stele::push<sample::table>(options);
  EXPECT_TRUE(made) << (made ? "" : made.error().message);
  return std::move(*made);
}

/// What on_diagnostic() is told while it lives.
class heard {
 public:
  heard() {
    stele::on_diagnostic([this](stele::diagnostic const& seen) {
      std::lock_guard const lock(mutex_);
      text_.append(seen.message).append("\n");
      if (seen.is == stele::diagnostic::kind::push) ++pushes_;
    });
  }
  ~heard() { stele::on_diagnostic(nullptr); }
  heard(heard const&) = delete;
  heard& operator=(heard const&) = delete;

  std::string text() {
    std::lock_guard const lock(mutex_);
    return text_;
  }
  int pushes() {
    std::lock_guard const lock(mutex_);
    return pushes_;
  }

 private:
  std::mutex mutex_;
  std::string text_;
  int pushes_ = 0;
};

template <class Condition>
bool within(std::chrono::milliseconds time, Condition holds) {
  auto const end = std::chrono::steady_clock::now() + time;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(5ms);
  }
  return true;
}

inline std::string line_of(std::string const& body, std::string const& name) {
  std::size_t const at = body.find("\n" + name + " ");
  return at == std::string::npos ? "" : body.substr(at + 1, body.find('\n', at + 1) - at - 1);
}

}  // namespace stele::test
