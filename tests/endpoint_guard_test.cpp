// What a library beside stele-serve adds to an endpoint: a guard, and connections of another kind.

#include <sample.hpp>

#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "endpoint_case.hpp"
#include "serve/extras.hpp"
#include "serve/stream_session.hpp"

using stele::test::client;
using namespace std::chrono_literals;
using namespace stele::serving;

namespace {

refusal const no{http::status::unauthorized, "WWW-Authenticate: Basic\r\n", "Unauthorized\n"};

/// Asks a function of the test.
class asks final : public guard {
 public:
  using function = std::function<std::optional<verdict>(request_type const&, guard_reply)>;
  explicit asks(function then) : then_(std::move(then)) {}

  std::optional<verdict> ask(request_type const& request, guard_reply reply) override {
    return then_(request, std::move(reply));
  }
  [[nodiscard]] std::shared_ptr<std::string const> fields() const override {
    return std::make_shared<std::string const>("X-Of-Every-Answer: yes\r\n");
  }

 private:
  function then_;
};

stele::endpoint start(serve_extras extras, stele::serve_options options = {},
                      boost::asio::io_context* io = nullptr) {
  options.port = 0;
  auto made =
      stele::core::serve(stele::core::served<sample::table>(), options, std::move(extras), io);
  EXPECT_TRUE(made);
  return std::move(*made);
}

stele::endpoint guarded(asks::function by, stele::serve_options const& options = {},
                        boost::asio::io_context* io = nullptr) {
  return start({.guard = std::make_shared<asks>(std::move(by))}, options, io);
}

/// Lets through who says the word.
verdict by_word(request_type const& request) {
  return request["Authorization"] == "word" ? verdict{} : no;
}

std::string request(std::string const& path, std::string const& field = {}) {
  return "GET " + path + " HTTP/1.1\r\nHost: x\r\n" + field + "\r\n";
}

}  // namespace

// "It's asked before anything else is decided": a path that is not there tells nobody so.
TEST(EndpointGuard, RefusesOnEveryPath) {
  auto endpoint = guarded([](auto const& asked, auto const&) { return by_word(asked); });
  client connection(endpoint.port());
  for (auto const* path : {"/metrics", "/", "/-/healthy", "/nothing"}) {
    connection.send(request(path));
    auto const answer = connection.read();
    EXPECT_EQ(answer.result_int(), 401U) << path;
    EXPECT_EQ(answer["WWW-Authenticate"], "Basic");
    EXPECT_EQ(answer.body(), "Unauthorized\n");
  }
  connection.send(request("/-/healthy", "Authorization: word\r\n"));
  EXPECT_EQ(connection.read().body(), "OK\n");
}

TEST(EndpointGuard, AddsFieldsToEveryAnswer) {
  auto endpoint = guarded([](auto const& asked, auto const&) { return by_word(asked); });
  client connection(endpoint.port());
  for (auto const* word : {"", "Authorization: word\r\n"})
    for (auto const* path : {"/metrics", "/nothing"}) {
      connection.send(request(path, word));
      EXPECT_EQ(connection.read()["X-Of-Every-Answer"], "yes") << path << word;
    }
  client garbage(endpoint.port());
  garbage.send("\x16");
  EXPECT_EQ(garbage.read()["X-Of-Every-Answer"], "yes");
}

// "bcrypt takes 70 ms: it must not block the endpoint's thread"
TEST(EndpointGuard, DecidesOnAnotherThreadWhileOthersAreServed) {
  std::promise<void> let_go;
  std::thread decides;
  auto endpoint = guarded([&](auto const& asked, auto reply) -> std::optional<verdict> {
    if (asked.target() != "/metrics") return verdict{};
    decides = std::thread([&let_go, reply] {
      let_go.get_future().wait();
      reply(no);
      reply({});  // the first one counts
    });
    return {};
  });
  client waits(endpoint.port());
  waits.send(request("/metrics") + request("/-/healthy"));
  for (int i = 0; i < 10; ++i) EXPECT_EQ(client(endpoint.port()).get("/-/healthy").body(), "OK\n");
  let_go.set_value();
  EXPECT_EQ(waits.read().result_int(), 401U);
  EXPECT_EQ(waits.read().body(), "OK\n");
  decides.join();
}

TEST(EndpointGuard, MayReplyWhenTheClientOrTheEndpointIsGone) {
  std::mutex mutex;
  std::vector<guard_reply> replies;
  std::atomic<int> asked{0};
  {
    auto endpoint = guarded(
        [&](auto const&, auto reply) -> std::optional<verdict> {
          std::lock_guard const lock(mutex);
          replies.push_back(reply);
          ++asked;
          return {};
        },
        {.drain_time_max = 50ms});
    client(endpoint.port()).send(request("/metrics"));
    client waits(endpoint.port());
    waits.send(request("/metrics"));
    while (asked < 2) std::this_thread::yield();
    for (auto const& each : replies) each({});
    EXPECT_EQ(waits.read().result_int(), 200U);
    waits.send(request("/metrics"));
    while (asked < 3) std::this_thread::yield();
  }
  for (auto const& each : replies) each(no);
}

// "Running responses end while the context runs": one that waits for a verdict gets it.
TEST(EndpointGuard, MayReplyAfterAStopThatDoesNotWait) {
  std::promise<guard_reply> asked;
  boost::asio::io_context io;
  auto endpoint = guarded(
      [&](auto const&, auto reply) -> std::optional<verdict> {
        asked.set_value(reply);
        return {};
      },
      {}, &io);
  client waits(endpoint.port());
  waits.send(request("/metrics"));
  std::thread running([&] { io.run(); });
  auto const reply = asked.get_future().get();
  std::promise<void> stopped;
  boost::asio::post(io, [&] {
    endpoint.stop();
    stopped.set_value();
  });
  stopped.get_future().wait();
  auto const before = std::chrono::steady_clock::now();
  reply({});
  EXPECT_EQ(waits.read().result_int(), 200U);
  running.join();
  EXPECT_LT(std::chrono::steady_clock::now() - before, 2s);
}

TEST(EndpointGuard, MayReplyWhenTheContextIsGone) {
  for (bool const drains : {true, false}) {
    std::promise<guard_reply> asked;
    std::optional<guard_reply> reply;
    {
      boost::asio::io_context io;
      auto endpoint = guarded(
          [&](auto const&, auto replies) -> std::optional<verdict> {
            asked.set_value(replies);
            return {};
          },
          {.drain_time_max = 50ms}, &io);
      client waits(endpoint.port());
      waits.send(request("/metrics"));
      std::thread running([&] { io.run(); });
      reply = asked.get_future().get();
      boost::asio::post(io, [&] {
        endpoint.stop();
        if (!drains) io.stop();
      });
      running.join();
    }
    (*reply)({});
  }
}

TEST(EndpointGuard, ThatNeverRepliesCostsItsRequest) {
  auto endpoint = guarded([](auto const&, auto) -> std::optional<verdict> { return {}; },
                          {.request_time_max = 100ms});
  client connection(endpoint.port());
  connection.send(request("/metrics"));
  EXPECT_EQ(connection.read().result_int(), 503U);
}

namespace {

/// A connection that says hello first: as TLS has a handshake, and an end of its own.
class greeted final : public stream_session<plain_socket> {
 public:
  greeted(accepted from, std::shared_ptr<session_context> context)
      : stream_session(std::move(from.noted), std::move(context), std::move(from.socket)) {}

 private:
  void start_handshake() override {
    stream().async_read_some(net::buffer(hello_), bound(&greeted::on_hello));
  }
  void on_hello(boost::system::error_code ec, std::size_t) {
    on_handshake(hello_ == std::array{'h', 'i'} ? ec : net::error::no_data);
  }
  void start_shutdown() override {
    net::async_write(stream(), net::buffer("bye", 3), bound(&greeted::on_bye));
  }
  void on_bye(boost::system::error_code, std::size_t) { end_sending(); }

  std::array<char, 2> hello_{};
};

class greets final : public session_factory {
 public:
  std::shared_ptr<session> make(accepted from, std::shared_ptr<session_context> context) override {
    return std::make_shared<greeted>(std::move(from), std::move(context));
  }
};

}  // namespace

TEST(EndpointFactory, MakesConnectionsWithAHandshakeAndAnEnd) {
  auto endpoint = start({.factory = std::make_shared<greets>()});
  client connection(endpoint.port());
  connection.send("hi");
  EXPECT_EQ(connection.get("/metrics").result_int(), 200U);
  connection.send(request("/-/healthy", "Connection: close\r\n"));
  EXPECT_EQ(connection.read().body(), "OK\n");
  EXPECT_EQ(connection.rest(), "bye");
  client refused(endpoint.port());
  refused.send("no");
  EXPECT_TRUE(refused.closed());
}

TEST(EndpointFactory, AHandshakeIsBounded) {
  auto endpoint = start({.factory = std::make_shared<greets>()}, {.handshake_time_max = 100ms});
  client silent(endpoint.port());
  EXPECT_TRUE(silent.closed());
}
