// push_case.hpp: what the tests of the push client share.
//
//   push_stub server(in_turn({503, 200}));
//   auto pusher = start({.url = server.url(), .job = "j"});
//   EXPECT_TRUE(soon([&] { return pusher.pushed() == 1; }));
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
#include <string>
#include <utility>
#include <vector>

#include "heard.hpp"
#include "push_stub.hpp"
#include "soon.hpp"

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

inline std::string line_of(std::string const& body, std::string const& name) {
  std::size_t const at = body.find("\n" + name + " ");
  return at == std::string::npos ? "" : body.substr(at + 1, body.find('\n', at + 1) - at - 1);
}

}  // namespace stele::test
