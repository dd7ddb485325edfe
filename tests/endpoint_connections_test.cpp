// When the endpoint closes a connection, and how it ends.

#include <sample.hpp>
#include <stele/serve_on.hpp>

#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include "endpoint_case.hpp"

using sample::metric;
using stele::test::client;
using stele::test::start;
using namespace std::chrono_literals;

TEST(EndpointConnections, StopsAtOnceWithIdleConnectionsAndFreesItsPort) {
  auto endpoint = start();
  std::uint16_t const port = endpoint.port();
  client idle(port);
  idle.get("/-/healthy");
  auto const before = std::chrono::steady_clock::now();
  endpoint.stop();
  endpoint.stop();
  EXPECT_LT(std::chrono::steady_clock::now() - before, 2s);
  EXPECT_TRUE(idle.closed());
  EXPECT_TRUE(stele::serve<sample::table>({.port = port}));
}

TEST(EndpointConnections, StopWaitsForARunningResponseWithinItsBound) {
  metric<"sample_requests_total">.limit_series(100'000);
  for (int i = 0; i < 50'000; ++i)
    metric<"sample_requests_total">.with({.code = "200", .path = "/drain/" + std::to_string(i)}).inc();
  auto endpoint = start({.drain_time_max = 300ms});
  client never_reads(endpoint.port());
  never_reads.send("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
  std::this_thread::sleep_for(100ms);
  auto const before = std::chrono::steady_clock::now();
  endpoint.stop();
  EXPECT_LT(std::chrono::steady_clock::now() - before, 3s);
}

TEST(EndpointConnections, StopLetsARunningResponseEnd) {
  metric<"sample_requests_total">.limit_series(100'000);
  for (int i = 0; i < 50'000; ++i)
    metric<"sample_requests_total">.with({.code = "200", .path = "/drain/" + std::to_string(i)}).inc(0);
  auto endpoint = start();
  client slow(endpoint.port());
  slow.send("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
  std::this_thread::sleep_for(100ms);  // the response fills the socket's buffers, and waits
  std::thread stopping([&] { endpoint.stop(); });
  std::this_thread::sleep_for(100ms);
  auto const answer = slow.read();  // throws where the last chunk is missing
  EXPECT_NE(answer.body().find("/drain/49999"), std::string::npos);
  stopping.join();
}

TEST(EndpointConnections, MayBeStoppedByTwoThreadsAtOnce) {
  for (int i = 0; i < 50; ++i) {
    auto endpoint = start();
    std::thread other([&] { endpoint.stop(); });
    endpoint.stop();
    other.join();
  }
}

// A client that sends a byte now and then must not hold a connection that has been answered.
TEST(EndpointConnections, ClosesAnAnsweredConnectionWithinASecondWhateverTheClientSends) {
  auto endpoint = start();
  client connection(endpoint.port());
  connection.send("POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n");
  EXPECT_EQ(connection.read().result_int(), 405U);
  auto const before = std::chrono::steady_clock::now();
  bool open = true;
  while (open && std::chrono::steady_clock::now() - before < 4s) {
    std::this_thread::sleep_for(100ms);
    try {
      connection.send("x");
    } catch (std::runtime_error const&) {
      open = false;
    }
  }
  EXPECT_FALSE(open);
}

// "408: the server did not receive a complete request message within the time that it was prepared
// to wait" (RFC 9110, 15.5.9); without any of it there is nothing to answer.
TEST(EndpointConnections, AnswersARequestThatDoesNotEndInItsTimeAndCloses) {
  auto endpoint = start({.request_time_max = 200ms, .idle_time_max = 200ms});
  client slow(endpoint.port());
  slow.send("GET /metrics HT");
  auto const answer = slow.read();
  EXPECT_EQ(answer.result_int(), 408U);
  EXPECT_FALSE(answer.keep_alive());
  EXPECT_TRUE(slow.closed());
  EXPECT_TRUE(client(endpoint.port()).closed());
}

namespace {

/// A body that HTTP/1.0 sends until the connection ends, and no socket holds.
void ask_in_http_1_0(client& asks) {
  metric<"sample_requests_total">.limit_series(100'000);
  for (int i = 0; i < 50'000; ++i)
    metric<"sample_requests_total">.with({.code = "200", .path = "/drain/" + std::to_string(i)}).inc(0);
  asks.take_little();
  asks.send("GET /metrics HTTP/1.0\r\n\r\n");
}

}  // namespace

// "A failed write closes without the last chunk; HTTP/1.0 gets a close-delimited body", of which
// half must not look like all.
TEST(EndpointConnections, ABodyOfHttp10ThatIsCutEndsWithAReset) {
  auto cuts = start({.write_time_max = 200ms});
  client slow(cuts.port());
  ask_in_http_1_0(slow);
  EXPECT_TRUE(slow.hears_within(20s));
  std::this_thread::sleep_for(1s);
  EXPECT_TRUE(slow.is_reset());
  auto waits = start();
  client reads(waits.port());
  ask_in_http_1_0(reads);
  EXPECT_FALSE(reads.is_reset());
}

// The end of what was sent in full is no reset, however late it is read.
TEST(EndpointConnections, AWholeBodyOfHttp10MayBeReadLate) {
  metric<"sample_requests_total">.clear();
  for (int i = 0; i < 11'000; ++i)
    metric<"sample_requests_total">.with({.code = "200", .path = "/late/" + std::to_string(i)}).inc(0);
  auto endpoint = start();
  client late(endpoint.port());
  late.take_little();  // so that the end of it waits in the endpoint's socket
  late.send("GET /metrics HTTP/1.0\r\n\r\n");
  std::this_thread::sleep_for(1200ms);  // the endpoint has closed
  EXPECT_FALSE(late.is_reset());
}

TEST(EndpointConnections, StopCutsABodyOfHttp10WithAReset) {
  {
    auto endpoint = start({.drain_time_max = 100ms});
    client slow(endpoint.port());
    ask_in_http_1_0(slow);
    EXPECT_TRUE(slow.hears_within(20s));
    endpoint.stop();
    EXPECT_TRUE(slow.is_reset());
  }
  boost::asio::io_context io;  // which nobody runs when it stops
  auto endpoint = stele::serve_on<sample::table>(io, {.port = 0, .drain_time_max = 50ms});
  ASSERT_TRUE(endpoint);
  client slow(endpoint->port());
  ask_in_http_1_0(slow);
  for (int i = 0; i < 1000 && !slow.hears_within(0ms); ++i) io.run_for(20ms);
  endpoint->stop();
  EXPECT_TRUE(slow.is_reset());
}

// "A slow, malicious or vanished client never delays another scrape."
TEST(EndpointConnections, ClosesTheLongestIdleConnectionPastItsBound) {
  auto endpoint = start({.connections_max = 2});
  client oldest(endpoint.port());
  EXPECT_EQ(oldest.get("/-/healthy").body(), "OK\n");
  client older(endpoint.port());
  EXPECT_EQ(older.get("/-/healthy").body(), "OK\n");
  for (int i = 0; i < 10; ++i)
    EXPECT_EQ(client(endpoint.port()).get("/metrics").result_int(), 200U);
  EXPECT_TRUE(oldest.closed());
}

TEST(EndpointConnections, ClosesANewConnectionWhereNoneIsIdlePastItsBound) {
  auto endpoint = start({.connections_max = 1});
  client busy(endpoint.port());
  busy.send("GET /metrics HT");  // the beginning of a request
  std::this_thread::sleep_for(50ms);
  EXPECT_TRUE(client(endpoint.port()).closed());
  busy.send("TP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(busy.read().result_int(), 200U);
}

TEST(EndpointConnections, IsMovable) {
  auto first = start();
  std::uint16_t const port = first.port();
  auto second = std::move(first);
  EXPECT_EQ(client(port).get("/-/healthy").body(), "OK\n");
  first = std::move(second);
  EXPECT_EQ(client(port).get("/-/healthy").body(), "OK\n");
}
