// What an endpoint with a receiver does with requests and their bodies.

#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "receiver_case.hpp"

using namespace stele::serving;
using namespace stele::test;
using namespace std::chrono_literals;
using namespace std::string_literals;

namespace {

/// With a length, lower case, and a line after each.
std::string chunked(std::string const& body, std::size_t piece) {
  std::string made;
  for (std::size_t at = 0; at < body.size(); at += piece) {
    std::string const part = body.substr(at, piece);
    char length[20];
    std::snprintf(length, sizeof length, "%zx\r\n", part.size());
    made += length + part + "\r\n";
  }
  return made + "0\r\n\r\n";
}

}  // namespace

// ---- Bodies -------------------------------------------------------------------------------------

TEST_F(EndpointReceiver, TakesBodiesOfALength) {
  auto endpoint = start_receiver(receives);
  client connection(endpoint.port());
  for (std::size_t const size : {0U, 1U, 8'192U, 16'000U, 16'384U, 20'000U, 65'536U, 1'000'000U}) {
    std::string const body = letters(size);
    connection.send(put("/a", body));
    EXPECT_TRUE(connection.read().body() == "/a:" + body) << size;
  }
}

TEST_F(EndpointReceiver, TakesNoBodyAsAnEmptyOne) {
  auto endpoint = start_receiver(receives);
  client connection(endpoint.port());
  for (auto const* method : {"PUT", "POST", "DELETE", "GET"}) {
    connection.send(head_of(method, "/none", ""));
    EXPECT_EQ(connection.read().body(), "/none:") << method;
  }
  EXPECT_TRUE(receives->asked_for().empty());
}

// "All bodies of HTTP/1.1: chunked ones too", in whatever pieces they come.
TEST_F(EndpointReceiver, TakesChunksOfAnySize) {
  auto endpoint = start_receiver(receives);
  client connection(endpoint.port());
  std::string const body = letters(40'000);
  for (std::size_t const piece : {1U, 7U, 100U, 4'096U, 16'384U, 39'999U, 40'000U}) {
    connection.send(put_chunked("/c", chunked(body, piece)));
    EXPECT_TRUE(connection.read().body() == "/c:" + body) << piece;
  }
}

TEST_F(EndpointReceiver, TakesChunksThatComeByteByByte) {
  auto endpoint = start_receiver(receives);
  client connection(endpoint.port());
  for (auto const& chunks : {"0\r\n\r\n"s, "5\r\nhello\r\n0\r\n\r\n"s, chunked("hello", 1),
                             "5;a=\"b\";c\r\nhello\r\n0;d\r\nX-Sum: 1\r\nY: 2\r\n\r\n"s}) {
    std::string const request = put_chunked("/b", chunks);
    for (char const byte : request) {
      connection.send(std::string(1, byte));
      std::this_thread::sleep_for(200us);  // each is a read of its own, mostly
    }
    EXPECT_EQ(connection.read().body(), chunks[0] == '0' ? "/b:" : "/b:hello") << chunks;
  }
}

TEST_F(EndpointReceiver, KnowsOfAChunkWhatItAnnounces) {
  receives->room = 1'000;
  auto endpoint = start_receiver(receives);
  client connection(endpoint.port());
  connection.send(put_chunked("/c", "3e8\r\n"));
  std::this_thread::sleep_for(50ms);
  connection.send(letters(1'000) + "\r\n1\r\n");
  EXPECT_EQ(connection.read().result_int(), 413U);
  EXPECT_EQ(receives->asked_for().back(), 1'001U);
  client at_once(endpoint.port());
  at_once.send(put_chunked("/c", "ffffffffffffffff\r\n"));
  EXPECT_EQ(at_once.read().result_int(), 413U);
  EXPECT_EQ(receives->taken, 0);
}

// "What is ambiguous is refused": between chunks as in a header.
TEST_F(EndpointReceiver, RefusesWhatAreNoChunks) {
  auto endpoint = start_receiver(receives);
  std::string const long_line(20'000, 'x');
  std::string many;
  for (int i = 0; i < 2'000; ++i) many += "1;an_extension=of_the_usual_size\r\nx\r\n";
  for (auto const& chunks : {
           "x\r\n"s,
           "-1\r\n"s,
           "+1\r\na\r\n0\r\n\r\n"s,
           " 1\r\na\r\n0\r\n\r\n"s,
           "\r\n0\r\n\r\n"s,
           "0x1\r\na\r\n0\r\n\r\n"s,
           "1 \r\na\r\n0\r\n\r\n"s,
           "1\ra\r\n0\r\n\r\n"s,
           "1\r\nab\r\n0\r\n\r\n"s,
           "2\r\na\r\n0\r\n\r\n0\r\n\r\n"s,
           "1\r\na0\r\n\r\n"s,
           "10000000000000000\r\na\r\n0\r\n\r\n"s,
           "1;\x01\r\na\r\n0\r\n\r\n"s,
           "0\r\nContent-Length: 5\r\n\r\n"s,
           "0\r\nTransfer-Encoding: chunked\r\n\r\n"s,
           "0\r\nno colon\r\n\r\n"s,
           "1;" + long_line,
           "0\r\nA: " + long_line,
           "0\r\nA: " + long_line + "\r\n\r\n",
           many,
       }) {
    client bad(endpoint.port());
    bad.send(put_chunked("/c", chunks) + head_of("GET", "/smuggled", ""));
    EXPECT_EQ(bad.read().result_int(), 400U) << chunks.substr(0, 40);
    EXPECT_EQ(bad.rest(), "") << chunks.substr(0, 40);
  }
  EXPECT_EQ(receives->taken, 0);
}

TEST_F(EndpointReceiver, RefusesAmbiguousFramesBeforeItsReceiverIsAsked) {
  auto endpoint = start_receiver(receives);
  for (auto const* fields :
       {"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n",
        "Content-Length: 1\r\nContent-Length: 2\r\n", "Content-Length: 1, 1\r\n",
        "Transfer-Encoding: gzip, chunked\r\n", "Content-Length: 0x1\r\n"}) {
    client bad(endpoint.port());
    bad.send(head_of("PUT", "/a", fields) + "1\r\na\r\n0\r\n\r\n");
    EXPECT_EQ(bad.read().result_int(), 400U) << fields;
    EXPECT_EQ(bad.rest(), "") << fields;
  }
  EXPECT_EQ(receives->begun, 0);
}

TEST_F(EndpointReceiver, TakesABodyOfHttp10) {
  auto endpoint = start_receiver(receives);
  client connection(endpoint.port());
  connection.send(
      "PUT /old HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 4\r\n"
      "Connection: keep-alive\r\n\r\nbody");
  EXPECT_EQ(connection.read().body(), "/old:body");
  connection.send("PUT /old HTTP/1.0\r\nContent-Length: 4\r\n\r\nbody");
  EXPECT_TRUE(connection.rest().ends_with("/old:body")) << "and it is closed";
}

// ---- Connections --------------------------------------------------------------------------------

TEST_F(EndpointReceiver, AnswersPipelinedRequestsInTheirOrder) {
  auto endpoint = start_receiver(receives);
  client connection(endpoint.port());
  std::string const large = letters(100'000);
  connection.send(put("/1", "one") + put_chunked("/2", chunked(letters(100), 9)) +
                  put("/3", large) + head_of("GET", "/-/healthy", "") + put("/5", "") +
                  put("/6", "six"));
  EXPECT_EQ(connection.read().body(), "/1:one");
  EXPECT_EQ(connection.read().body(), "/2:" + letters(100));
  EXPECT_TRUE(connection.read().body() == "/3:" + large);
  EXPECT_EQ(connection.read().body(), "OK\n");
  EXPECT_EQ(connection.read().body(), "/5:");
  EXPECT_EQ(connection.read().body(), "/6:six");
}

// "GET and HEAD of /-/healthy are answered by the endpoint itself, as everywhere."
TEST_F(EndpointReceiver, AsksItsReceiverForAllButHealth) {
  auto endpoint = start_receiver(receives);
  client connection(endpoint.port());
  EXPECT_EQ(connection.get("/-/healthy").body(), "OK\n");
  EXPECT_EQ(connection.get("/-/healthy", {}, "HEAD").result_int(), 200U);
  EXPECT_EQ(receives->begun, 0);
  connection.send(put("/-/healthy", "x"));
  EXPECT_EQ(connection.read().body(), "/-/healthy:x");
  EXPECT_EQ(connection.get("/metrics").body(), "/metrics:");
  EXPECT_EQ(connection.get("/").body(), "/:");
  auto const head = connection.get("/head", {}, "HEAD");
  EXPECT_EQ(head["Content-Length"], "6");
  EXPECT_EQ(connection.get("/after").body(), "/after:");
}

TEST_F(EndpointReceiver, SendsTheStatusAndTheFieldsOfItsReply) {
  receives->takes = [](auto const&, auto, auto const& reply) {
    reply({http::status::service_unavailable, "Retry-After: 7\r\nX-A: b\r\n", "full\n"});
    reply({http::status::ok, {}, "again"});
  };
  auto endpoint = start_receiver(receives);
  client connection(endpoint.port());
  for (int i = 0; i < 3; ++i) {  // it is kept
    connection.send(put("/a", "x"));
    auto const answer = connection.read();
    EXPECT_EQ(answer.result_int(), 503U);
    EXPECT_EQ(answer["Retry-After"], "7");
    EXPECT_EQ(answer["X-A"], "b");
    EXPECT_EQ(answer["Content-Type"], "text/plain; charset=utf-8");
    EXPECT_EQ(answer.body(), "full\n");
  }
}

// ---- Refusals -----------------------------------------------------------------------------------

TEST_F(EndpointReceiver, DoesNotReadABodyThatIsRefused) {
  receives->room = 10'000;
  auto endpoint = start_receiver(receives);
  for (auto const* length : {"10001", "1073741824", "18446744073709551615"}) {
    client connection(endpoint.port());
    connection.send(head_of("PUT", "/a", "Content-Length: "s + length + "\r\n"));
    auto const answer = connection.read();
    EXPECT_EQ(answer.result_int(), 413U) << length;
    EXPECT_EQ(answer["Connection"], "close");
    EXPECT_EQ(answer["X-Why"], "room");
    EXPECT_EQ(connection.rest(), "");
  }
  EXPECT_EQ(receives->asked_for(), (std::vector<std::size_t>{10'001, 1 << 30, ~std::size_t{0}}));
}

TEST_F(EndpointReceiver, TakesNoMemoryForWhatIsOnlyAnnounced) {
  receives->room = ~std::size_t{0};
  auto endpoint = start_receiver(receives);
  client connection(endpoint.port());
  connection.send(head_of("PUT", "/a", "Content-Length: 1000000000000000000\r\n") + letters(100));
  EXPECT_FALSE(connection.hears_within(200ms)) << "it waits for the rest";
}

TEST_F(EndpointReceiver, KeepsAConnectionWhoseRefusedBodyHasCome) {
  receives->refuses = [](auto const& request) {
    if (request.target() != "/no") return verdict{};
    return verdict(refusal{http::status::not_found, {}, "no\n"});
  };
  auto endpoint = start_receiver(receives);
  client connection(endpoint.port());
  for (auto const& request :
       {put("/no", "small"), put_chunked("/no", chunked("small", 2)), head_of("GET", "/no", "")}) {
    connection.send(request + put("/yes", "x"));
    EXPECT_EQ(connection.read().result_int(), 404U);
    EXPECT_EQ(connection.read().body(), "/yes:x");
  }
  connection.send(put("/no", letters(100'000)));
  EXPECT_EQ(connection.read()["Connection"], "close");
}

// "Answered with 100 only after begin() accepted and make_room() agreed"
TEST_F(EndpointReceiver, TellsWhoAsksToGoOn) {
  receives->room = 100;
  receives->refuses = [](auto const& request) {
    if (request.target() != "/no") return verdict{};
    return verdict(refusal{http::status::forbidden, {}, "no\n"});
  };
  auto endpoint = start_receiver(receives);
  std::string const expects = "Expect: 100-Continue\r\n";
  client connection(endpoint.port());
  for (auto const* frame : {"Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n"}) {
    connection.send(head_of("PUT", "/a", expects + frame));
    EXPECT_EQ(connection.read().result_int(), 100U);
    connection.send(frame[0] == 'C' ? "hello"s : chunked("hello", 3));
    EXPECT_EQ(connection.read().body(), "/a:hello");
  }
  connection.send(put("/a", "is there", expects));
  EXPECT_EQ(connection.read().body(), "/a:is there") << "no 100 for what has come";
  connection.send(put("/a", "", expects));
  EXPECT_EQ(connection.read().body(), "/a:") << "nor where there is no body";
  connection.send(head_of("PUT", "/a", expects + "Content-Length: 101\r\n"));
  EXPECT_EQ(connection.read().result_int(), 413U);
  EXPECT_EQ(connection.rest(), "");
  client other(endpoint.port());
  other.send(head_of("PUT", "/no", expects + "Content-Length: 5\r\n"));
  EXPECT_EQ(other.read().result_int(), 403U);
  EXPECT_EQ(other.rest(), "");
}

namespace {

class closed final : public guard {
 public:
  std::optional<verdict> ask(request_type const& request, guard_reply reply) override {
    bool const knows = request["Authorization"] == "word";
    if (request.target() != "/later")
      return knows ? verdict{} : verdict(refusal{http::status::unauthorized, {}, "who?\n"});
    std::thread([reply] { reply({}); }).detach();
    return {};
  }
};

}  // namespace

TEST_F(EndpointReceiver, AsksAGuardFirst) {
  auto endpoint = start_receiver(receives, {}, std::make_shared<closed>());
  client refused(endpoint.port());
  refused.send(head_of("PUT", "/a", "Expect: 100-continue\r\nContent-Length: 1000000\r\n"));
  EXPECT_EQ(refused.read().result_int(), 401U);
  EXPECT_EQ(refused.rest(), "");
  EXPECT_EQ(receives->begun, 0);
  client connection(endpoint.port());
  connection.send(put("/a", "body", "Authorization: word\r\n"));
  EXPECT_EQ(connection.read().body(), "/a:body");
  connection.send(put("/later", "body"));
  EXPECT_EQ(connection.read().body(), "/later:body");
  EXPECT_EQ(connection.get("/-/healthy").result_int(), 401U);
}
