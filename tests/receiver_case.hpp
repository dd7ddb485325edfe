// receiver_case.hpp: a receiver for tests, which notes what it is asked and says what it is told
// to.
//
//   auto const receives = std::make_shared<notes>();
//   auto endpoint = start_receiver(receives);
//   client.send(put("/a", "body"));
//   EXPECT_EQ(client.read().body(), "/a:body");             // an echo, where nothing else is said
//
// Threads: what it notes may be read on any thread.

#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "endpoint_case.hpp"
#include "serve/extras.hpp"
#include "soon.hpp"

namespace stele::test {

class notes final : public serving::receiver {
 public:
  using taker = std::function<void(std::string, std::string_view, serving::body_reply)>;

  /// What it refuses with, by path; nothing: it does not.
  std::function<serving::verdict(serving::request_type const&)> refuses = [](auto const&) {
    return serving::verdict{};
  };
  std::size_t room = 32 << 20;
  taker takes = [](std::string const& path, std::string_view body, auto const& reply) {
    reply({serving::http::status::ok, {}, path + ":" + std::string(body)});
  };

  std::atomic<int> begun{0};
  std::atomic<int> taken{0};
  std::atomic<int> alive{0};  // incomings

  std::vector<std::size_t> asked_for() {
    std::lock_guard const lock(mutex_);
    return asked_;
  }
  /// Whether all incomings have ended, soon.
  bool all_have_ended() {
    return soon([&] { return alive == 0; });
  }

  decision begin(serving::request_type const& request,
                 serving::steady_clock::time_point began) override {
    EXPECT_LE(began, serving::steady_clock::now());
    ++begun;
    if (auto said = refuses(request)) return *std::move(said);
    return std::make_unique<one>(*this, std::string(request.target()));
  }

 private:
  class one final : public serving::incoming {
   public:
    one(notes& of, std::string path) : of_(of), path_(std::move(path)) { ++of_.alive; }
    ~one() override { --of_.alive; }
    serving::verdict make_room(std::size_t bytes) override {
      std::lock_guard const lock(of_.mutex_);
      of_.asked_.push_back(bytes);
      made_ = bytes;
      if (bytes <= of_.room) return {};
      return serving::refusal{serving::http::status::payload_too_large, "X-Why: room\r\n",
                              "too large\n"};
    }
    void take(std::string_view body, serving::body_reply reply) override {
      EXPECT_GE(made_, body.size()) << "it was not asked";
      of_.takes(path_, body, std::move(reply));
      ++of_.taken;  // what it has done can be seen by then
    }

   private:
    notes& of_;
    std::string path_;
    std::size_t made_ = 0;
  };

  std::mutex mutex_;
  std::vector<std::size_t> asked_;
};

/// Without a table: none is needed.
inline stele::endpoint start_receiver(std::shared_ptr<serving::receiver> by,
                                      stele::serve_options options = {},
                                      std::shared_ptr<serving::guard> guarded_by = nullptr,
                                      boost::asio::io_context* io = nullptr) {
  options.port = 0;
  auto made =
      core::serve({}, options, {.guard = std::move(guarded_by), .receiver = std::move(by)}, io);
  EXPECT_TRUE(made) << (made ? "" : made.error().message);
  return std::move(*made);
}

inline std::string head_of(std::string const& method, std::string const& path,
                           std::string const& fields) {
  return method + " " + path + " HTTP/1.1\r\nHost: x\r\n" + fields + "\r\n";
}

inline std::string put(std::string const& path, std::string const& body,
                       std::string const& fields = {}) {
  return head_of("PUT", path, "Content-Length: " + std::to_string(body.size()) + "\r\n" + fields) +
         body;
}

inline std::string put_chunked(std::string const& path, std::string const& chunks) {
  return head_of("PUT", path, "Transfer-Encoding: chunked\r\n") + chunks;
}

inline std::string letters(std::size_t count) {
  std::string made(count, 0);
  for (std::size_t i = 0; i < count; ++i) made[i] = static_cast<char>('a' + i % 23 + i / 1000 % 3);
  return made;
}

/// One that a few tests of the same kind share.
class EndpointReceiver : public testing::Test {
 protected:
  std::shared_ptr<notes> const receives = std::make_shared<notes>();
  void TearDown() override { EXPECT_TRUE(receives->all_have_ended()); }
};

}  // namespace stele::test
