// What the endpoint answers, over real sockets on the loopback interface.

#include <sample.hpp>
#include <stele/testing.hpp>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <system_error>

#include "endpoint_case.hpp"
#include "expose/gzip.hpp"
#include "sanitized.hpp"

using sample::metric;
using stele::test::client;
using stele::test::start;
using namespace std::chrono_literals;

TEST(Endpoint, ServesTheExpositionOnMetricsAndOnTheRoot) {
  metric<"sample_queue_length">.set(17);
  auto endpoint = start();
  for (auto const* path : {"/metrics", "/", "/metrics?x=1"}) {
    auto const answer = client(endpoint.port()).get(path);
    EXPECT_EQ(answer.result_int(), 200U) << path;
    EXPECT_EQ(answer["Content-Type"], "text/plain; version=0.0.4; charset=utf-8");
    EXPECT_EQ(answer["Vary"], "Accept, Accept-Encoding");
    EXPECT_NE(answer.body().find("\nsample_queue_length 17\n"), std::string::npos) << path;
  }
}

TEST(Endpoint, NegotiatesTheFormat) {
  metric<"sample_jobs_total">.inc(0);
  auto endpoint = start();
  auto const answer = client(endpoint.port()).get("/metrics", "application/openmetrics-text");
  EXPECT_EQ(answer["Content-Type"], "application/openmetrics-text; version=1.0.0; charset=utf-8");
  EXPECT_TRUE(answer.body().ends_with("# EOF\n"));
}

// "OpenMetrics exemplars and (opt-in) `_created`"
TEST(Endpoint, ShowsWhenSeriesBeganOnlyWhereThatIsAskedFor) {
  metric<"sample_jobs_total">.inc(0);
  for (bool const asked : {false, true}) {
    auto endpoint = start({.openmetrics_created = asked});
    auto const answer = client(endpoint.port()).get("/metrics", "application/openmetrics-text");
    EXPECT_EQ(answer.body().find("\nsample_jobs_created ") != std::string::npos, asked);
  }
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
  auto const answer = connection.get("/metrics", {}, "HEAD");
  EXPECT_EQ(answer.result_int(), 200U);
  EXPECT_TRUE(answer.body().empty());
  EXPECT_EQ(connection.get("/-/healthy").body(), "OK\n");
}

// "GET and HEAD right": what a GET would get, up to the body.
TEST(Endpoint, AHeadHasTheHeaderOfAGet) {
  auto endpoint = start();
  auto const headers = [&](std::string const& method, std::string const& target) {
    client connection(endpoint.port());
    connection.send(method + " " + target + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    std::string const answer = connection.rest();
    std::size_t const end = answer.find("\r\n\r\n") + 4;
    EXPECT_EQ(answer.size() > end, method == "GET") << target;
    return answer.substr(0, end);
  };
  for (auto const* path : {"/metrics?name[]=sample_queue_length", "/-/healthy", "/nothing"})
    EXPECT_EQ(headers("HEAD", path), headers("GET", path));
  for (int i = 0; i < 5000; ++i)
    metric<"sample_requests_total">.with({.code = "200", .path = "/head/" + std::to_string(i)}).inc();
  EXPECT_EQ(headers("HEAD", "/metrics"), headers("GET", "/metrics"));
  EXPECT_NE(headers("HEAD", "/metrics").find("Transfer-Encoding: chunked\r\n"), std::string::npos);
}

// "the answer says exactly `gzip`"
TEST(Endpoint, CompressesForWhoTakesGzip) {
  if (!stele::exposition::gzip_encoder::available()) GTEST_SKIP() << "built without gzip";
  auto endpoint = start();
  client connection(endpoint.port());
  for (std::string const asked : {"gzip", "br, gzip;q=0.5"}) {
    connection.send("GET /metrics HTTP/1.1\r\nHost: x\r\nAccept-Encoding: " + asked + "\r\n\r\n");
    auto const answer = connection.read();
    EXPECT_EQ(answer["Content-Encoding"], "gzip") << asked;
    EXPECT_TRUE(answer.body().starts_with("\x1f\x8b")) << asked;
  }
  for (std::string const asked : {"gzip;q=0", "identity", "zstd"}) {
    connection.send("GET /metrics HTTP/1.1\r\nHost: x\r\nAccept-Encoding: " + asked + "\r\n\r\n");
    auto const answer = connection.read();
    EXPECT_FALSE(answer.has("Content-Encoding")) << asked;
    EXPECT_TRUE(answer.body().starts_with("# HELP ")) << asked;
  }
}

TEST(Endpoint, RefusesOtherMethodsAndPaths) {
  auto endpoint = start();
  auto const post = client(endpoint.port()).get("/metrics", {}, "POST");
  EXPECT_EQ(post.result_int(), 405U);
  EXPECT_EQ(post["Allow"], "GET, HEAD");
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
  EXPECT_EQ(answer["Transfer-Encoding"], "chunked");
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
  EXPECT_FALSE(answer.has("Transfer-Encoding"));
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

// "a bind failure is a value, not an exception", and so is a lack of descriptors.
TEST(Endpoint, TooFewDescriptorsAreAReturnedError) {
#if STELE_TEST_SANITIZED
  GTEST_SKIP() << "a sanitizer opens a pipe to look at an object's type, and reports one it cannot";
#endif
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  int const next = ::dup(0);
  ::close(next);
  for (rlim_t more = 0; more < 6; ++more) {
    rlimit const few{static_cast<rlim_t>(next) + more, before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &few), 0);
    auto const made = stele::serve<sample::table>({.port = 0});
    ::setrlimit(RLIMIT_NOFILE, &before);
    if (made) {
      EXPECT_GE(more, 3U);
      break;
    }
    EXPECT_EQ(made.error().code, std::errc::too_many_files_open) << made.error().message;
  }
}

TEST(Endpoint, NoBoundOnTheHeaderServesToo) {
  auto endpoint = start({.header_bytes_max = static_cast<std::size_t>(-1)});
  EXPECT_EQ(client(endpoint.port()).get("/-/healthy").body(), "OK\n");
}

TEST(Endpoint, AViewThatLeadsNowhereIsReported) {
  std::string seen;
  stele::on_diagnostic([&](stele::diagnostic const& each) {
    if (each.is == stele::diagnostic::kind::configuration) seen += each.message;
  });
  constexpr stele::view views[]{{.path = "/part", .names = {"sample_job_total"}}};
  auto const endpoint = start({.views = views});
  stele::on_diagnostic(nullptr);
  EXPECT_NE(seen.find("'sample_job_total'; did you mean 'sample_jobs_total'?"), seen.npos) << seen;
}

// With these nothing could be served, or each answer would be cut.
TEST(Endpoint, ABoundThatServesNothingIsAReturnedError) {
  using namespace std::chrono_literals;
  auto const refusal = [](stele::serve_options options) {
    options.port = 0;
    auto const made = stele::serve<sample::table>(options);
    return made ? std::string() : made.error().message;
  };
  EXPECT_EQ(refusal({.connections_max = 0}),
            "serve: expected .connections_max to be at least 1, saw 0; leave it out for the "
            "default");
  EXPECT_NE(refusal({.header_bytes_max = 127}), "");
  EXPECT_EQ(refusal({.header_bytes_max = 128}), "");
  EXPECT_EQ(refusal({.write_time_max = 0ms}),
            "serve: expected .write_time_max to be at least 1 ms, saw 0 ms; leave it out for the "
            "default");
  EXPECT_NE(refusal({.header_time_max = 0ms}), "");
  EXPECT_NE(refusal({.request_time_max = -1ms}), "");
  EXPECT_NE(refusal({.idle_time_max = 0ms}), "");
  EXPECT_NE(refusal({.handshake_time_max = 0ms}), "");
  EXPECT_NE(refusal({.scrapes_in_flight_max = 0}), "");
  EXPECT_NE(refusal({.drain_time_max = std::chrono::milliseconds::min()}), "");
  EXPECT_EQ(refusal({.drain_time_max = 0ms, .callback_time_max = 0ms}), "");
}

TEST(Endpoint, WhatCannotBeListenedOnIsSaidWithTheFixThatFits) {
  auto const refusal = [](std::string_view address) {
    auto const made = stele::serve<sample::table>({.address = address, .port = 0});
    return made ? std::string("served") : made.error().message;
  };
  EXPECT_NE(refusal("192.0.2.1").find("choose an address that this machine has"),
            std::string::npos);
  EXPECT_NE(refusal("unix:/nowhere/at/all.sock").find("make the folder"), std::string::npos);
  EXPECT_NE(refusal(std::string_view("127.0.0.1\0.5", 12)).find("expected an IP address"),
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
  EXPECT_EQ(connection.read()["Content-Type"],
            "application/openmetrics-text; version=1.0.0; charset=utf-8");
}
