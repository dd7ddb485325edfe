// "A slow, malicious or vanished client never delays an instrument or another scrape": each of
// them, while a good scraper is served.

#include <sample.hpp>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "endpoint_case.hpp"
#include "sanitized.hpp"
#include "soon.hpp"

using sample::metric;
using stele::test::client;
using stele::test::soon;
using stele::test::start;
using namespace std::chrono_literals;

namespace {

std::string const scrape = "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n";

/// An exposition that the buffers of a socket do not hold.
class EndpointHostile : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    metric<"sample_requests_total">.limit_series(100'000);
    std::string const path = "/hostile/" + std::string(500, 'x');
    for (int i = 0; i < 12'000; ++i)
      metric<"sample_requests_total">.with({.code = "200", .path = path + std::to_string(i)}).inc(0);
  }
  static void TearDownTestSuite() { metric<"sample_requests_total">.clear(); }

  /// A scrape of a new connection, as a whole, in a time that a scraper has.
  static void expect_served(stele::endpoint const& by) {
    auto const before = std::chrono::steady_clock::now();
    auto const answer = client(by.port()).get("/metrics");
    EXPECT_EQ(answer.result_int(), 200U);
    EXPECT_NE(answer.body().find("x11999\""), std::string::npos);
    EXPECT_LT(std::chrono::steady_clock::now() - before, 5s);
  }
};

/// Whether any scrape but the one that asks is being answered.
bool others_in_flight(stele::endpoint const& by) {
  auto const answer =
      client(by.port()).get("/metrics?name[]=promhttp_metric_handler_requests_in_flight");
  return answer.body().find("\npromhttp_metric_handler_requests_in_flight 1\n") ==
         std::string::npos;
}

/// A scrape of which a little is read, again and again, so that no chunk takes a second: some 150
/// kB a second with pauses of 20 ms, and 700 with pauses of 4.
class reads_slowly {
 public:
  reads_slowly(std::uint16_t port, std::chrono::milliseconds pause) : connection_(port) {
    connection_.take_little();
    connection_.send(scrape);
    reads_ = std::thread([this, pause] {
      std::array<char, 3072> some;
      while (!ended_ && ::recv(connection_.descriptor(), some.data(), some.size(), 0) > 0)
        std::this_thread::sleep_for(pause);
    });
  }
  ~reads_slowly() {
    ended_ = true;
    reads_.join();
  }
  reads_slowly(reads_slowly const&) = delete;
  reads_slowly& operator=(reads_slowly const&) = delete;

 private:
  client connection_;
  std::atomic<bool> ended_{false};
  std::thread reads_;
};

/// As many files as the process may have.
void raise_file_limit() {
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
}

}  // namespace

TEST_F(EndpointHostile, AHeaderThatComesByteByByteIsCutAtItsTime) {
  auto endpoint = start({.header_time_max = 300ms});
  client slow(endpoint.port());
  auto const before = std::chrono::steady_clock::now();
  bool open = true;
  for (std::size_t i = 0; open && i < 200; ++i) {
    try {
      slow.send(i < 16 ? std::string(1, scrape[i]) : "A");
    } catch (std::runtime_error const&) {
      open = false;
    }
    if (i == 5) expect_served(endpoint);
    std::this_thread::sleep_for(20ms);
  }
  EXPECT_FALSE(open);
  EXPECT_LT(std::chrono::steady_clock::now() - before, 3s) << "each byte has renewed the time";
  expect_served(endpoint);
}

TEST_F(EndpointHostile, AReaderThatDoesNotReadCostsItsOwnConnection) {
  auto endpoint = start({.write_time_max = 400ms});
  std::vector<std::unique_ptr<client>> slow;
  for (int i = 0; i < 10; ++i) {
    slow.push_back(std::make_unique<client>(endpoint.port()));
    slow.back()->take_little();
    slow.back()->send(scrape);
  }
  for (int i = 0; i < 3; ++i) expect_served(endpoint);
  std::this_thread::sleep_for(1s);
  for (auto& each : slow) {  // the last chunk is missing: the client sees that it is no whole body
    std::string const body = each->rest();
    EXPECT_GT(body.size(), 64U * 1024);
    EXPECT_FALSE(body.ends_with("0\r\n\r\n"));
  }
}

TEST_F(EndpointHostile, AReaderThatDoesNotReadGivesWayPastTheBoundOfScrapes) {
  auto endpoint = start({.scrapes_in_flight_max = 2, .shared_gather_age_max = 0ms});
  client first(endpoint.port());
  client second(endpoint.port());
  for (client* each : {&first, &second}) {
    each->take_little();
    each->send(scrape);
  }
  std::this_thread::sleep_for(300ms);
  client soon(endpoint.port());
  auto const refused = soon.get("/metrics");
  EXPECT_EQ(refused.result_int(), 503U) << "they may just be a moment late";
  EXPECT_EQ(refused["Retry-After"], "1");
  std::this_thread::sleep_for(1s);
  expect_served(endpoint);
  EXPECT_EQ(soon.get("/-/healthy").body(), "OK\n")
      << "a scrape that is refused costs no connection";
  auto const counts = soon.get("/metrics").body();
  EXPECT_EQ(counts.find("promhttp_metric_handler_requests_total{code=\"503\"} 0\n"),
            std::string::npos);
}

// None of them is idle, and not all of them are scrapes: each holds its connection with what it was
// sent and does not take.
TEST_F(EndpointHostile, ReadersOfNothingOnEveryConnectionKeepNobodyOut) {
  std::string page = "GET / HTTP/1.1\r\nHost: x\r\nAccept: text/html\r\n\r\n";
  for (int doubled = 0; doubled < 8; ++doubled) page += page;
  for (auto const& request : {scrape, page}) {
    auto endpoint = start({.connections_max = 6, .write_time_max = 1h});
    std::vector<std::unique_ptr<client>> slow;
    for (int i = 0; i < 6; ++i) {
      slow.push_back(std::make_unique<client>(endpoint.port()));
      slow.back()->take_little();
      slow.back()->send(request);
    }
    std::this_thread::sleep_for(300ms);
    EXPECT_TRUE(client(endpoint.port()).closed()) << "they may just be a moment late";
    std::this_thread::sleep_for(1s);
    for (int i = 0; i < 3; ++i) expect_served(endpoint);
  }
}

// "write_time_max" is for a chunk: a little of each, just in time, would hold an answer for hours.
TEST_F(EndpointHostile, AReaderThatTricklesIsCutWhenTheAnswersTimeIsOver) {
  auto endpoint = start({.write_time_max = 1h, .answer_time_max = 2s});
  reads_slowly const slow(endpoint.port(), 20ms);
  EXPECT_TRUE(soon([&] { return others_in_flight(endpoint); }));
  EXPECT_TRUE(soon([&] { return !others_in_flight(endpoint); }));
  expect_served(endpoint);
}

TEST_F(EndpointHostile, ReadersThatTrickleGiveWayPastTheBoundOfScrapes) {
  auto endpoint = start({.scrapes_in_flight_max = 2, .shared_gather_age_max = 0ms});
  reads_slowly const first(endpoint.port(), 20ms);
  reads_slowly const second(endpoint.port(), 20ms);
  std::this_thread::sleep_for(2500ms);
  expect_served(endpoint);
}

// "256 KiB a second are in time"
TEST_F(EndpointHostile, ASlowReaderThatIsInTimeDoesNotGiveWay) {
  auto endpoint = start({.scrapes_in_flight_max = 1});
  reads_slowly const steady(endpoint.port(), 4ms);
  std::this_thread::sleep_for(2500ms);
  EXPECT_EQ(client(endpoint.port()).get("/metrics").result_int(), 503U);
}

// The other ends are in this process too.
TEST_F(EndpointHostile, TwoThousandIdleConnections) {
  raise_file_limit();
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  if (files.rlim_cur < 4200) GTEST_SKIP() << "no 4,200 files may be open here";
  for (std::size_t const connections_max : {256UL, 2500UL}) {
    auto endpoint = start({.connections_max = connections_max});
    std::vector<std::unique_ptr<client>> idle;
    for (int i = 0; i < 2000; ++i) {
      idle.push_back(std::make_unique<client>(endpoint.port()));
      if (i % 500 == 0) expect_served(endpoint);
    }
    expect_served(endpoint);
    EXPECT_EQ(idle.back()->get("/-/healthy").body(), "OK\n");
    if (connections_max > 2000)
      EXPECT_EQ(idle.front()->get("/-/healthy").body(), "OK\n");
    else
      EXPECT_TRUE(idle.front()->closed());
  }
}

// None of them is idle: they hold their connections for as long as they are let.
TEST_F(EndpointHostile, SlowHeadersOnEveryConnectionKeepNobodyOut) {
  auto endpoint = start({.connections_max = 20, .header_time_max = 1h, .request_time_max = 1h});
  std::vector<std::unique_ptr<client>> slow;
  for (int i = 0; i < 20; ++i) {
    slow.push_back(std::make_unique<client>(endpoint.port()));
    slow.back()->send("GET /metr");
  }
  std::this_thread::sleep_for(1100ms);
  for (int i = 0; i < 5; ++i) expect_served(endpoint);
}

TEST_F(EndpointHostile, AFloodOfConnects) {
  auto endpoint = start({.connections_max = 50});
  for (int i = 0; i < 1000; ++i) {
    client flood(endpoint.port());
    if (i % 3 == 0) flood.send("GET /me");
    if (i % 7 == 0) flood.reset();
    if (i % 250 == 0) expect_served(endpoint);
  }
  expect_served(endpoint);
}

TEST_F(EndpointHostile, AHalfClosedConnectionIsAnsweredAndClosed) {
  auto endpoint = start();
  client asked(endpoint.port());
  asked.send(scrape);
  asked.end_sending();
  EXPECT_NE(asked.read().body().find("x11999\""), std::string::npos);
  EXPECT_TRUE(asked.closed());
  client half(endpoint.port());
  half.send("GET /metrics HT");
  half.end_sending();
  EXPECT_TRUE(half.closed());
  client nothing(endpoint.port());
  nothing.end_sending();
  EXPECT_TRUE(nothing.closed());
  expect_served(endpoint);
}

TEST_F(EndpointHostile, AResetInTheMiddleOfABody) {
  auto endpoint = start();
  for (int i = 0; i < 20; ++i) {
    client vanishes(endpoint.port());
    vanishes.send(scrape);
    if (i % 2 == 0) std::this_thread::sleep_for(5ms);
    vanishes.reset();
  }
  expect_served(endpoint);
}

// "N requests of a pipelined burst are answered in order and the flood is bounded in memory"
TEST_F(EndpointHostile, AFloodOfPipelinedRequestsIsAnsweredInOrderAsItIsRead) {
  auto endpoint = start();
  client connection(endpoint.port());
  std::string burst;
  for (int i = 0; i < 500; ++i)
    burst += i % 2 == 0 ? "GET /-/healthy HTTP/1.1\r\nHost: x\r\n\r\n"
                        : "GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n";
  connection.send(burst);
  for (int i = 0; i < 500; ++i) EXPECT_EQ(connection.read().result_int(), i % 2 == 0 ? 200U : 404U);

  // Who does not read its answers is not read either: the sockets' buffers hold the rest.
  client flood(endpoint.port());
  flood.take_little();
  timeval const wait{.tv_sec = 0, .tv_usec = 300'000};
  setsockopt(flood.descriptor(), SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait);
  std::string requests;
  while (requests.size() < 60'000) requests += scrape;
  std::size_t sent = 0;
  for (int i = 0; i < 1000; ++i) {
    ssize_t const size = ::send(flood.descriptor(), requests.data(), requests.size(), MSG_NOSIGNAL);
    if (size <= 0) break;
    sent += static_cast<std::size_t>(size);
  }
  EXPECT_LT(sent, 30U * 1024 * 1024);
  expect_served(endpoint);
}

TEST_F(EndpointHostile, ABodyIsNotReadAndItsEndNotAwaited) {
  auto endpoint = start();
  for (auto const* length :
       {"Content-Length: 1000000000000\r\n", "Transfer-Encoding: chunked\r\n"}) {
    client posts(endpoint.port());
    posts.send("POST /metrics HTTP/1.1\r\nHost: x\r\n" + std::string(length) + "\r\n");
    EXPECT_EQ(posts.read().result_int(), 405U) << length;
    client gets(endpoint.port());
    gets.send("GET /-/healthy HTTP/1.1\r\nHost: x\r\n" + std::string(length) + "\r\n");
    auto const answer = gets.read();
    EXPECT_EQ(answer.body(), "OK\n") << length;
    EXPECT_FALSE(answer.keep_alive()) << "its body would be taken for the next request";
  }
  expect_served(endpoint);
}

TEST_F(EndpointHostile, AConnectionThatIsIdleForTooLongIsClosed) {
  auto endpoint = start({.idle_time_max = 200ms});
  client idle(endpoint.port());
  EXPECT_EQ(idle.get("/-/healthy").body(), "OK\n");
  auto const before = std::chrono::steady_clock::now();
  EXPECT_TRUE(idle.closed());
  EXPECT_GT(std::chrono::steady_clock::now() - before, 100ms);
}
