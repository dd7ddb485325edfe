// The endpoint on a user's own io_context: who runs it, when it stops, and what may end first.

#include <sample.hpp>

#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <atomic>
#include <chrono>
#include <future>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "endpoint_case.hpp"

using sample::metric;
using stele::test::client;
using namespace std::chrono_literals;

namespace {

stele::endpoint start_on(boost::asio::io_context& io, stele::serve_options options = {}) {
  options.port = 0;
  auto made = stele::serve_on<sample::table>(io, options);
  EXPECT_TRUE(made) << (made ? "" : made.error().message);
  return std::move(*made);
}

/// Threads that run a context to its end.
class runners {
 public:
  explicit runners(boost::asio::io_context& io, int count = 1) {
    for (int i = 0; i < count; ++i) threads_.emplace_back([&io] { io.run(); });
  }
  ~runners() {
    for (auto& each : threads_) each.join();
  }
  runners(runners const&) = delete;
  runners& operator=(runners const&) = delete;

 private:
  std::vector<std::thread> threads_;
};

/// More than the buffers of two sockets hold.
void make_many_series() {
  metric<"sample_requests_total">.limit_series(100'000);
  std::string const path = "/own/" + std::string(200, 'x');
  for (int i = 0; i < 50'000; ++i)
    metric<"sample_requests_total">.with({.code = "200", .path = path + std::to_string(i)}).inc(0);
}

}  // namespace

TEST(EndpointOnContext, ServesOnTheThreadsOfItsUserAndLetsRunReturnWhenItStops) {
  boost::asio::io_context io;
  auto endpoint = start_on(io);
  runners const running(io);
  client connection(endpoint.port());
  EXPECT_EQ(connection.get("/metrics").result_int(), 200U);
  EXPECT_EQ(connection.get("/-/healthy").body(), "OK\n");
  endpoint.stop();
  EXPECT_TRUE(connection.closed());
}

// "Everything is on a strand so that a user's io_context may be run by several threads"
TEST(EndpointOnContext, MayBeRunByFourThreads) {
  boost::asio::io_context io;
  auto reading = metric<"sample_events">.read_from([] { return 3; });
  auto endpoint = start_on(io);
  runners const running(io, 4);
  std::vector<std::thread> scrapers;
  for (int i = 0; i < 4; ++i)
    scrapers.emplace_back([&] {
      client kept(endpoint.port());
      for (int j = 0; j < 50; ++j) {
        EXPECT_EQ(kept.get("/metrics").result_int(), 200U);
        EXPECT_EQ(client(endpoint.port()).get("/-/healthy").body(), "OK\n");
      }
    });
  for (auto& each : scrapers) each.join();
  endpoint.stop();
}

TEST(EndpointOnContext, StopWaitsForARunningResponse) {
  make_many_series();
  boost::asio::io_context io;
  auto endpoint = start_on(io);
  runners const running(io, 2);
  client slow(endpoint.port());
  slow.send("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
  std::this_thread::sleep_for(100ms);  // the response fills the socket's buffers, and waits
  std::atomic<bool> stopped{false};
  std::thread stopping([&] {
    endpoint.stop();
    stopped = true;
  });
  std::this_thread::sleep_for(100ms);
  EXPECT_FALSE(stopped);
  EXPECT_NE(slow.read().body().find("x49999\""), std::string::npos);
  stopping.join();
}

TEST(EndpointOnContext, MayBeStoppedOnAThreadThatRunsIt) {
  make_many_series();
  boost::asio::io_context io;
  auto endpoint = start_on(io, {.drain_time_max = 300ms});
  client slow(endpoint.port());
  client idle(endpoint.port());
  runners const running(io);
  EXPECT_EQ(idle.get("/-/healthy").body(), "OK\n");
  slow.send("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
  std::this_thread::sleep_for(100ms);
  std::promise<std::chrono::steady_clock::duration> took;
  boost::asio::post(io, [&] {
    auto const before = std::chrono::steady_clock::now();
    endpoint.stop();
    took.set_value(std::chrono::steady_clock::now() - before);
  });
  EXPECT_LT(took.get_future().get(), 200ms) << "it waited for itself";
  EXPECT_TRUE(idle.closed());
  EXPECT_THROW(client(endpoint.port()), std::runtime_error);
}  // and run() returns within drain_time_max, though the slow client never reads

// "Running responses end while the context runs": the callbacks' end is still heard of.
TEST(EndpointOnContext, AGatherEndsAfterAStopThatDoesNotWait) {
  std::promise<void> called;
  auto reading = metric<"sample_events">.read_from([&] {
    called.set_value();
    std::this_thread::sleep_for(300ms);
    return 23;
  });
  boost::asio::io_context io;
  auto endpoint =
      start_on(io, {.request_time_max = 1h, .drain_time_max = 3s, .callback_time_max = 1h});
  client waits(endpoint.port());
  runners const running(io);
  waits.send("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
  called.get_future().wait();
  auto const before = std::chrono::steady_clock::now();
  boost::asio::post(io, [&] { endpoint.stop(); });
  EXPECT_NE(waits.read().body().find("\nsample_events 23\n"), std::string::npos);
  EXPECT_LT(std::chrono::steady_clock::now() - before, 2s);
}

TEST(EndpointOnContext, MayEndWhereTheContextIsStoppedOrWasNeverRun) {
  boost::asio::io_context io;
  {
    std::optional<stele::endpoint> endpoint(start_on(io));
    std::uint16_t const port = endpoint->port();
    client waits(port);
    {
      runners const running(io);
      waits.get("/-/healthy");
      io.stop();
    }
    endpoint.reset();
    EXPECT_TRUE(stele::serve<sample::table>({.port = port})) << "the port is taken";
  }
  boost::asio::io_context never_run;
  start_on(never_run);
}

// "The context may be stopped before, and run again."
TEST(EndpointOnContext, GoesOnWhereTheContextIsRunAgain) {
  boost::asio::io_context io;
  auto endpoint = start_on(io);
  client connection(endpoint.port());
  for (int i = 0; i < 3; ++i) {
    runners const running(io);
    EXPECT_EQ(connection.get("/-/healthy").body(), "OK\n");
    io.stop();
    if (i == 2) break;
    std::this_thread::sleep_for(20ms);
    io.restart();
  }
}

TEST(EndpointOnContext, EndsWhereNobodyHasHeardThatTheCallbacksEnded) {
  std::promise<void> called;
  std::promise<void> free;
  auto reading = metric<"sample_events">.read_from([&] {
    called.set_value();
    free.get_future().wait();
    return 1;
  });
  boost::asio::io_context io;
  auto endpoint = start_on(io, {.callback_time_max = 1h});
  client waits(endpoint.port());
  {
    runners const running(io);
    waits.send("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
    called.get_future().wait();
    io.stop();
  }
  free.set_value();
  reading.stop();
  std::this_thread::sleep_for(20ms);  // the end is told after the call
}

TEST(EndpointOnContext, EndsWhileACallbackDoesNotReturn) {
  std::promise<void> called;
  std::promise<void> free;
  auto reading = metric<"sample_events">.read_from([&] {
    called.set_value();
    free.get_future().wait();
    return 1;
  });
  {
    boost::asio::io_context io;
    auto endpoint = start_on(io, {.drain_time_max = 50ms, .callback_time_max = 1h});
    runners const running(io);
    client waits(endpoint.port());
    waits.send("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
    called.get_future().wait();
    endpoint.stop();
  }
  free.set_value();
}
