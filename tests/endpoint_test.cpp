// The endpoint over real sockets on the loopback interface.

#include <sample.hpp>
#include <stele/testing.hpp>

#include <gtest/gtest.h>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

using boost::asio::ip::tcp;
using sample::metric;
namespace http = boost::beast::http;
using namespace std::chrono_literals;

namespace {

stele::endpoint start(stele::serve_options options = {}) {
  options.port = 0;
  auto made = stele::serve<sample::table>(options);
  EXPECT_TRUE(made) << (made ? "" : made.error().message);
  return std::move(*made);
}

using response = http::response<http::string_body>;

/// A connection that sends and reads requests in turn.
class client {
 public:
  explicit client(std::uint16_t port, char const* address = "127.0.0.1") : socket_(io_) {
    socket_.connect({boost::asio::ip::make_address(address), port});
  }

  response get(std::string const& target, std::string const& accept = {},
               http::verb method = http::verb::get, unsigned version = 11) {
    http::request<http::empty_body> request(method, target, version);
    request.set(http::field::host, "localhost");
    if (!accept.empty()) request.set(http::field::accept, accept);
    http::write(socket_, request);
    return read(method == http::verb::head);
  }

  response read(bool head = false) {
    http::response_parser<http::string_body> parser;
    parser.skip(head);
    http::read(socket_, buffer_, parser);
    return parser.release();
  }

  void send(std::string const& bytes) { boost::asio::write(socket_, boost::asio::buffer(bytes)); }

  /// Whether the server has closed, when everything it sent has been read.
  bool closed() {
    boost::system::error_code ec;
    char byte = 0;
    boost::asio::read(socket_, boost::asio::buffer(&byte, 1), ec);
    return ec == boost::asio::error::eof || ec == boost::asio::error::connection_reset;
  }

 private:
  boost::asio::io_context io_;
  tcp::socket socket_;
  boost::beast::flat_buffer buffer_;
};

}  // namespace

TEST(Endpoint, ServesTheExpositionOnMetricsAndOnTheRoot) {
  metric<"sample_queue_length">.set(17);
  auto endpoint = start();
  for (auto const* path : {"/metrics", "/", "/metrics?x=1"}) {
    auto const answer = client(endpoint.port()).get(path);
    EXPECT_EQ(answer.result_int(), 200U) << path;
    EXPECT_EQ(answer[http::field::content_type], "text/plain; version=0.0.4; charset=utf-8");
    EXPECT_EQ(answer[http::field::vary], "Accept, Accept-Encoding");
    EXPECT_NE(answer.body().find("\nsample_queue_length 17\n"), std::string::npos) << path;
  }
}

TEST(Endpoint, NegotiatesTheFormat) {
  metric<"sample_jobs_total">.inc(0);
  auto endpoint = start();
  auto const answer = client(endpoint.port()).get("/metrics", "application/openmetrics-text");
  EXPECT_EQ(answer[http::field::content_type],
            "application/openmetrics-text; version=1.0.0; charset=utf-8");
  EXPECT_TRUE(answer.body().ends_with("# EOF\n"));
}

TEST(Endpoint, KeepsAConnectionForManyRequests) {
  auto endpoint = start();
  client connection(endpoint.port());
  for (int i = 0; i < 5; ++i) {
    auto const answer = connection.get("/metrics");
    EXPECT_EQ(answer.result_int(), 200U);
    EXPECT_TRUE(answer.keep_alive());
  }
}

TEST(Endpoint, AnswersPipelinedRequestsInOrder) {
  auto endpoint = start();
  client connection(endpoint.port());
  connection.send(
      "GET /-/healthy HTTP/1.1\r\nHost: x\r\n\r\nGET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(connection.read().body(), "OK\n");
  EXPECT_EQ(connection.read().result_int(), 404U);
}

TEST(Endpoint, AnswersHeadWithoutABody) {
  auto endpoint = start();
  client connection(endpoint.port());
  auto const answer = connection.get("/metrics", {}, http::verb::head);
  EXPECT_EQ(answer.result_int(), 200U);
  EXPECT_TRUE(answer.body().empty());
  EXPECT_EQ(connection.get("/-/healthy").body(), "OK\n");
}

TEST(Endpoint, RefusesOtherMethodsAndPaths) {
  auto endpoint = start();
  auto const post = client(endpoint.port()).get("/metrics", {}, http::verb::post);
  EXPECT_EQ(post.result_int(), 405U);
  EXPECT_EQ(post[http::field::allow], "GET, HEAD");
  EXPECT_EQ(client(endpoint.port()).get("/metricsx").result_int(), 404U);
}

TEST(Endpoint, AnswersARequestWithABodyAndCloses) {
  auto endpoint = start();
  client connection(endpoint.port());
  connection.send("POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello");
  EXPECT_EQ(connection.read().result_int(), 405U);
  EXPECT_TRUE(connection.closed());
}

TEST(Endpoint, AnswersGarbageWith400AndAnOversizedHeaderWith431) {
  auto endpoint = start();
  client garbage(endpoint.port());
  garbage.send("\x16\x03\x01 this is no HTTP\r\n\r\n");
  EXPECT_EQ(garbage.read().result_int(), 400U);
  EXPECT_TRUE(garbage.closed());
  client oversized(endpoint.port());
  oversized.send("GET / HTTP/1.1\r\nHost: x\r\nX: " + std::string(17'000, 'x') + "\r\n\r\n");
  EXPECT_EQ(oversized.read().result_int(), 431U);
}

TEST(Endpoint, StreamsALargeBodyInChunks) {
  for (int i = 0; i < 5000; ++i)
    metric<"sample_requests_total">.with({.code = "200", .path = "/large/" + std::to_string(i)}).inc();
  auto endpoint = start();
  client connection(endpoint.port());
  auto const answer = connection.get("/metrics");
  EXPECT_TRUE(answer.chunked());
  EXPECT_NE(answer.body().find("path=\"/large/4999\"} "), std::string::npos);
  EXPECT_EQ(answer.body().back(), '\n');
  EXPECT_EQ(connection.get("/-/healthy").body(), "OK\n");
}

// "HTTP/1.0 gets a close-delimited body."
TEST(Endpoint, EndsALargeBodyForHttp10ByClosing) {
  for (int i = 0; i < 5000; ++i)
    metric<"sample_requests_total">.with({.code = "200", .path = "/large/" + std::to_string(i)}).inc();
  auto endpoint = start();
  client connection(endpoint.port());
  connection.send("GET /metrics HTTP/1.0\r\n\r\n");
  auto const answer = connection.read();
  EXPECT_FALSE(answer.chunked());
  EXPECT_NE(answer.body().find("path=\"/large/4999\"} "), std::string::npos);
  EXPECT_TRUE(connection.closed());
}

TEST(Endpoint, CountsScrapesByStatusAndInFlight) {
  auto const requests = [] {
    return stele::testing::value(
        stele::row_instrument<sample::rows::promhttp_metric_handler_requests_total>().with(
            {.code = sample::code::_200}));
  };
  auto endpoint = start();
  client connection(endpoint.port());
  auto const before = requests();
  connection.get("/metrics");
  auto const body = connection.get("/metrics").body();
  connection.get("/-/healthy");  // no scrape
  EXPECT_EQ(requests() - before, 2U);
  EXPECT_NE(body.find("\npromhttp_metric_handler_requests_in_flight 1\n"), std::string::npos);
  EXPECT_NE(body.find("\npromhttp_metric_handler_requests_total{code=\"500\"} 0\n"),
            std::string::npos);
  EXPECT_NE(body.find("\npromhttp_metric_handler_requests_total{code=\"503\"} 0\n"),
            std::string::npos);
}

TEST(Endpoint, FeedsTheProcessRows) {
  auto endpoint = start();
  auto const body = client(endpoint.port()).get("/metrics").body();
  auto const number = [&](std::string const& name) {
    std::size_t const at = body.find("\n" + name + " ");
    return at == std::string::npos ? -1.0 : std::stod(body.substr(at + name.size() + 2));
  };
  EXPECT_GT(number("process_cpu_seconds_total"), 0);
  EXPECT_GT(number("process_open_fds"), 3);
  EXPECT_GE(number("process_max_fds"), number("process_open_fds"));
  EXPECT_GT(number("process_resident_memory_bytes"), 1e5);
  EXPECT_GT(number("process_virtual_memory_bytes"), number("process_resident_memory_bytes"));
  EXPECT_GT(number("process_virtual_memory_max_bytes"), 0);
  double const now =
      std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  EXPECT_NEAR(number("process_start_time_seconds"), now, 3600);
}

TEST(Endpoint, ABindFailureIsAReturnedError) {
  auto endpoint = start();
  auto const second = stele::serve<sample::table>({.port = endpoint.port()});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, std::errc::address_in_use);
  EXPECT_NE(second.error().message.find("127.0.0.1:" + std::to_string(endpoint.port())),
            std::string::npos);
}

TEST(Endpoint, AHostNameIsAReturnedError) {
  auto const failed = stele::serve<sample::table>({.address = "localhost", .port = 0});
  ASSERT_FALSE(failed);
  EXPECT_NE(failed.error().message.find("saw 'localhost'"), std::string::npos);
}

TEST(Endpoint, TheUnspecifiedV6AddressServesBothFamilies) {
  auto made = stele::serve<sample::table>({.address = "[::]", .port = 0});
  if (!made) GTEST_SKIP() << "no IPv6 here: " << made.error().message;
  EXPECT_EQ(client(made->port(), "127.0.0.1").get("/-/healthy").body(), "OK\n");
  EXPECT_EQ(client(made->port(), "::1").get("/-/healthy").body(), "OK\n");
}

TEST(Endpoint, StopsAtOnceWithIdleConnectionsAndFreesItsPort) {
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

TEST(Endpoint, StopWaitsForARunningResponseWithinItsBound) {
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

TEST(Endpoint, StopLetsARunningResponseEnd) {
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

TEST(Endpoint, MayBeStoppedByTwoThreadsAtOnce) {
  for (int i = 0; i < 50; ++i) {
    auto endpoint = start();
    std::thread other([&] { endpoint.stop(); });
    endpoint.stop();
    other.join();
  }
}

// A client that sends a byte now and then must not hold a connection that has been answered.
TEST(Endpoint, ClosesAnAnsweredConnectionWithinASecondWhateverTheClientSends) {
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
    } catch (boost::system::system_error const&) {
      open = false;
    }
  }
  EXPECT_FALSE(open);
}

TEST(Endpoint, ClosesAConnectionThatDoesNotFinishItsRequest) {
  auto endpoint = start({.request_time_max = 200ms});
  client slow(endpoint.port());
  slow.send("GET /metrics HT");
  EXPECT_TRUE(slow.closed());
}

// "A slow, malicious or vanished client never delays another scrape."
TEST(Endpoint, ClosesTheLongestIdleConnectionPastItsBound) {
  auto endpoint = start({.connections_max = 2});
  client oldest(endpoint.port());
  EXPECT_EQ(oldest.get("/-/healthy").body(), "OK\n");
  client older(endpoint.port());
  EXPECT_EQ(older.get("/-/healthy").body(), "OK\n");
  for (int i = 0; i < 10; ++i)
    EXPECT_EQ(client(endpoint.port()).get("/metrics").result_int(), 200U);
  EXPECT_TRUE(oldest.closed());
}

TEST(Endpoint, ClosesANewConnectionWhereNoneIsIdlePastItsBound) {
  auto endpoint = start({.connections_max = 1});
  client busy(endpoint.port());
  busy.send("GET /metrics HT");  // the beginning of a request
  std::this_thread::sleep_for(50ms);
  EXPECT_TRUE(client(endpoint.port()).closed());
  busy.send("TP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(busy.read().result_int(), 200U);
}

TEST(Endpoint, TakesTargetsInAbsoluteForm) {
  auto endpoint = start();
  EXPECT_EQ(client(endpoint.port()).get("HTTP://host:1/-/healthy").body(), "OK\n");
  EXPECT_EQ(client(endpoint.port()).get("http://host?x=/y").result_int(), 200U);
  EXPECT_EQ(client(endpoint.port()).get("http://host/nothing").result_int(), 404U);
}

TEST(Endpoint, ReadsAllAcceptFields) {
  auto endpoint = start();
  client connection(endpoint.port());
  connection.send(
      "GET /metrics HTTP/1.1\r\nHost: x\r\nAccept: text/plain;q=0\r\n"
      "Accept: application/openmetrics-text\r\n\r\n");
  EXPECT_EQ(connection.read()[http::field::content_type],
            "application/openmetrics-text; version=1.0.0; charset=utf-8");
}

namespace {

/// A callback that does not return until it is let go.
class stuck_reading {
 public:
  stuck_reading()
      : reading_(metric<"sample_events">.read_from([this] {
          std::unique_lock lock(mutex_);
          called_ = true;
          changed_.notify_all();
          changed_.wait(lock, [&] { return free_; });
          return 41;
        })) {}
  ~stuck_reading() { free(); }

  void wait_for_call() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return called_; });
  }
  void free() {
    std::lock_guard const lock(mutex_);
    free_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool called_ = false;
  bool free_ = false;
  stele::reading reading_;
};

}  // namespace

// "At the scrape's deadline the family of a callback that is still running is skipped"
TEST(Endpoint, AnswersAtItsBoundWithoutAFamilyWhoseCallbackDoesNotReturn) {
  stuck_reading stuck;
  metric<"sample_queue_length">.set(18);
  auto endpoint = start({.callback_time_max = 200ms});
  client connection(endpoint.port());
  for (int i = 0; i < 3; ++i) {
    auto const answer = connection.get("/metrics");
    EXPECT_EQ(answer.result_int(), 200U);
    EXPECT_NE(answer.body().find("\nsample_queue_length 18\n"), std::string::npos);
    EXPECT_EQ(answer.body().find("sample_events"), std::string::npos);
  }
}

TEST(Endpoint, ServesOthersWhileACallbackRuns) {
  stuck_reading stuck;
  auto endpoint = start({.callback_time_max = 1h});
  client waits(endpoint.port());
  waits.send("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
  stuck.wait_for_call();
  EXPECT_EQ(client(endpoint.port()).get("/-/healthy").body(), "OK\n");
  stuck.free();
  EXPECT_NE(waits.read().body().find("\nsample_events 41\n"), std::string::npos);
}

TEST(Endpoint, StopsWithinItsBoundWhileACallbackDoesNotReturn) {
  stuck_reading stuck;
  {
    auto endpoint = start({.drain_time_max = 100ms, .callback_time_max = 1h});
    client waits(endpoint.port());
    waits.send("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
    stuck.wait_for_call();
    endpoint.stop();
    stuck.free();  // its round is nobody's by now
  }
  EXPECT_EQ(client(start().port()).get("/-/healthy").body(), "OK\n");
}

TEST(Endpoint, MayBeStoppedInsideACallback) {
  auto endpoint = start({.drain_time_max = 100ms, .callback_time_max = 1h});
  std::atomic<bool> called{false};
  auto reading = metric<"sample_events">.read_from([&] {
    called = true;
    called.notify_one();
    endpoint.stop();
    return 1;
  });
  client waits(endpoint.port());
  waits.send("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
  called.wait(false);
  reading.stop();  // waits for the call
  EXPECT_THROW(client(endpoint.port()), boost::system::system_error);
}

TEST(Endpoint, EndsWhileClientsWaitForACallback) {
  for (int i = 0; i < 20; ++i) {
    auto reading = metric<"sample_events">.read_from([] {
      std::this_thread::sleep_for(2ms);
      return 1;
    });
    auto endpoint = start({.drain_time_max = std::chrono::milliseconds(i % 3)});
    client waits(endpoint.port());
    waits.send("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
    std::this_thread::sleep_for(std::chrono::microseconds(300 * i));
  }
}

TEST(Endpoint, IsMovable) {
  auto first = start();
  std::uint16_t const port = first.port();
  auto second = std::move(first);
  EXPECT_EQ(client(port).get("/-/healthy").body(), "OK\n");
  first = std::move(second);
  EXPECT_EQ(client(port).get("/-/healthy").body(), "OK\n");
}
