// The endpoint while callbacks of read_from() run: those that take long cost their own family.

#include <sample.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include "endpoint_case.hpp"

using sample::metric;
using stele::test::client;
using stele::test::start;
using namespace std::chrono_literals;

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
TEST(EndpointCallbacks, AnswersAtItsBoundWithoutAFamilyWhoseCallbackDoesNotReturn) {
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

TEST(EndpointCallbacks, ServesOthersWhileACallbackRuns) {
  stuck_reading stuck;
  auto endpoint = start({.callback_time_max = 1h});
  client waits(endpoint.port());
  waits.send("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
  stuck.wait_for_call();
  EXPECT_EQ(client(endpoint.port()).get("/-/healthy").body(), "OK\n");
  stuck.free();
  EXPECT_NE(waits.read().body().find("\nsample_events 41\n"), std::string::npos);
}

// "A slow, malicious or vanished client never delays … another scrape": one that asks, and leaves
// while a callback runs, holds neither a scrape nor a connection against others.
TEST(EndpointCallbacks, WhoHasGoneMeanwhileGivesWayPastTheBounds) {
  std::string const scrape = "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n";
  for (bool const connections : {false, true}) {
    stuck_reading stuck;
    auto endpoint = connections ? start({.connections_max = 2, .callback_time_max = 1h})
                                : start({.callback_time_max = 1h, .scrapes_in_flight_max = 2});
    client stays(endpoint.port());
    std::optional<client> goes(std::in_place, endpoint.port());
    stays.send(scrape);
    goes->send(scrape);
    stuck.wait_for_call();
    if (connections)
      EXPECT_TRUE(client(endpoint.port()).closed()) << "they are still there";
    else
      EXPECT_EQ(client(endpoint.port()).get("/metrics").result_int(), 503U);
    goes.reset();
    client good(endpoint.port());
    good.send(scrape);
    EXPECT_FALSE(good.hears_within(300ms)) << "it waits for the callback, as the other does";
    stuck.free();
    EXPECT_NE(good.read().body().find("\nsample_events 41\n"), std::string::npos);
    EXPECT_NE(stays.read().body().find("\nsample_events 41\n"), std::string::npos);
  }
}

TEST(EndpointCallbacks, StopsWithinItsBoundWhileACallbackDoesNotReturn) {
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

TEST(EndpointCallbacks, MayBeStoppedInsideACallback) {
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
  EXPECT_THROW(client(endpoint.port()), std::runtime_error);
}

/// A scrape reports on the endpoint's own thread, which cannot wait for itself.
template <class Metric>
void stop_inside_a_diagnostic(Metric const& throws, bool ends) {
  std::optional<stele::endpoint> endpoint(start({.drain_time_max = 1s}));
  auto const port = endpoint->port();
  std::atomic<bool> called{false};
  stele::on_diagnostic([&](stele::diagnostic const& seen) {
    if (seen.is != stele::diagnostic::kind::reading_threw || called) return;
    endpoint->stop();
    if (ends) endpoint.reset();
    called = true;
  });
  auto const reading = throws.read_from([]() -> int { throw 1; });
  client scrapes(port);
  EXPECT_EQ(scrapes.get("/metrics").result_int(), 200U);  // it is still answered
  stele::on_diagnostic(nullptr);                          // waits for the call
  ASSERT_TRUE(called);
  EXPECT_TRUE(scrapes.closed());
  EXPECT_THROW(client{port}, std::runtime_error);
  if (!ends) endpoint->stop();
}

// (Of a row one report a second is made, so these are two rows.)
TEST(EndpointCallbacks, MayBeStoppedInsideADiagnostic) {
  stop_inside_a_diagnostic(metric<"sample_events">, false);
}

TEST(EndpointCallbacks, MayEndInsideADiagnostic) {
  stop_inside_a_diagnostic(metric<"sample_queue_length">, true);
}

TEST(EndpointCallbacks, EndsWhileClientsWaitForACallback) {
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
