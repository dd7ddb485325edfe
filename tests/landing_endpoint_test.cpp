// The landing page and its data, as an endpoint answers with them.

#include <sample.hpp>

#include <gtest/gtest.h>
#include <zlib.h>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstdint>
#include <future>
#include <string>
#include <thread>

#include "endpoint_case.hpp"
#include "expose/gzip.hpp"

using sample::metric;
using stele::test::client;
using stele::test::start;
using namespace std::chrono_literals;

namespace {

constexpr char const* data_request = "GET /-/table HTTP/1.1\r\nHost: x\r\n\r\n";

/// How many scrapes have been answered before this one, with whatever code.
double scrapes_answered(std::uint16_t port) {
  std::string const body = client(port).get("/metrics").body();
  double sum = 0;
  for (std::string const code : {"200", "500", "503"}) {
    auto const sample = "\npromhttp_metric_handler_requests_total{code=\"" + code + "\"} ";
    auto const at = body.find(sample);
    if (at == body.npos) ADD_FAILURE() << "no sample of " << code;
    if (at != body.npos) sum += std::stod(body.substr(at + sample.size()));
  }
  return sum;
}

/// What a whole gzip stream holds.
std::string inflated(std::string const& stream) {
  z_stream from{};
  EXPECT_EQ(inflateInit2(&from, 15 + 16), Z_OK);
  std::string to(1 << 20, '\0');
  from.next_in = reinterpret_cast<unsigned char*>(const_cast<char*>(stream.data()));
  from.avail_in = static_cast<unsigned>(stream.size());
  from.next_out = reinterpret_cast<unsigned char*>(to.data());
  from.avail_out = static_cast<unsigned>(to.size());
  EXPECT_EQ(inflate(&from, Z_FINISH), Z_STREAM_END);
  EXPECT_EQ(from.avail_in, 0U);
  to.resize(from.total_out);
  inflateEnd(&from);
  return to;
}

/// Values move on between two requests.
std::string without_digits(std::string text) {
  std::erase_if(text, [](char c) { return c == '.' || (c >= '0' && c <= '9'); });
  return text;
}

}  // namespace

// "Bounds on everything: … concurrent scrapes." What the page shows costs what a scrape costs.
TEST(LandingEndpoint, ThePagesDataIsWithinTheBoundOfScrapesAndNoScrape) {
  std::promise<void> promise;
  auto const released = promise.get_future().share();
  auto const reading = metric<"sample_events">.read_from([released] {
    released.wait();
    return 3;
  });
  auto endpoint = start({.callback_time_max = 20s, .scrapes_in_flight_max = 1});
  client first(endpoint.port());
  first.send(data_request);
  std::this_thread::sleep_for(50ms);  // until it waits for the callback
  client second(endpoint.port());
  for (auto const* path : {"/-/table", "/metrics"}) {
    auto const refused = second.get(path);
    EXPECT_EQ(refused.result_int(), 503U) << path;
    EXPECT_EQ(refused["Retry-After"], "1") << path;
  }
  promise.set_value();
  EXPECT_EQ(first.read().result_int(), 200U);
  EXPECT_EQ(second.get("/-/table").result_int(), 200U) << "the place is free again";

  double const answered = scrapes_answered(endpoint.port());
  EXPECT_EQ(client(endpoint.port()).get("/-/table").result_int(), 200U);
  EXPECT_EQ(scrapes_answered(endpoint.port()), answered + 1) << "that scrape itself";
}

// "the answer says exactly `gzip`", and "`Vary: Accept, Accept-Encoding`". The page is compressed
// when it is built, its data by what the build has.
TEST(LandingEndpoint, BrowsersGetThePageAndItsDataCompressed) {
  auto endpoint = start();
  client connection(endpoint.port());
  auto const get = [&](std::string const& path, std::string const& coding) {
    connection.send("GET " + path + " HTTP/1.1\r\nHost: x\r\nAccept: text/html, */*;q=0.8\r\n" +
                    "Accept-Encoding: " + coding + "\r\n\r\n");
    return connection.read();
  };
  for (std::string const path : {"/", "/-/table"}) {
    auto const plain = get(path, "gzip;q=0");
    EXPECT_FALSE(plain.has("Content-Encoding")) << path;
    EXPECT_EQ(plain["Vary"], "Accept, Accept-Encoding") << path;
    if (path != "/" && !stele::exposition::gzip_encoder::available()) continue;
    auto const packed = get(path, "gzip, deflate, br, zstd");
    EXPECT_EQ(packed["Content-Encoding"], "gzip") << path;
    EXPECT_EQ(packed["Vary"], "Accept, Accept-Encoding") << path;
    for (auto const* field : {"Content-Type", "Content-Security-Policy", "Cache-Control",
                              "X-Content-Type-Options", "Cross-Origin-Resource-Policy"})
      EXPECT_EQ(packed[field], plain[field]) << path << ' ' << field;
    EXPECT_LT(packed.body().size(), plain.body().size() / 2) << path;
    std::string const text = inflated(packed.body());
    if (path == "/")
      EXPECT_EQ(text, plain.body());
    else
      EXPECT_EQ(without_digits(text), without_digits(plain.body()));
  }
}

// "A slow, malicious or vanished client never delays […] another scrape."
TEST(LandingEndpoint, OthersAreAnsweredWhileManySeriesAreAddedUp) {
  metric<"sample_rooms">.limit_series(200'000);
  for (int i = 0; i < 200'000; ++i)
    metric<"sample_rooms">.with({.house = std::to_string(i)}).set(i);
  boost::asio::io_context io;
  auto endpoint = stele::serve_on<sample::table>(io, {.port = 0});
  ASSERT_TRUE(endpoint);
  auto const turns = [&io](client& asking, std::string const& request) {
    asking.send(request);
    std::size_t count = 0;
    while (io.run_one_for(200ms) != 0) ++count;
    return count;
  };
  client browser(endpoint->port());
  client other(endpoint->port());
  while (io.run_one_for(100ms) != 0) continue;  // both are accepted
  auto const few = turns(other, "GET /-/healthy HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(other.read().result_int(), 200U);
  EXPECT_GE(turns(browser, data_request), few + 12) << "of 16,384 values each";
  EXPECT_NE(browser.read().body().find("\"series\":200000"), std::string::npos);
  io.stop();
  metric<"sample_rooms">.clear();
}
