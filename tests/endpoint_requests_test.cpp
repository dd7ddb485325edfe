// Requests that are no requests, and those that two servers in a row could read in two ways.

#include <sample.hpp>

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "endpoint_case.hpp"
#include "serve/request_reader.hpp"

using stele::serving::request_reader;
using stele::test::client;
using stele::test::start;
using namespace std::string_literals;

namespace {

struct shape {
  char const* what;
  std::string bytes;
  unsigned status;
};

/// A GET with further header lines.
std::string get(std::string const& lines) {
  return "GET /-/healthy HTTP/1.1\r\nHost: x\r\n" + lines + "\r\n";
}

/// What is refused, and the connection closed.
std::vector<shape> const refused{
    {"Content-Length and Transfer-Encoding",
     get("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n"), 400},
    {"Transfer-Encoding and Content-Length",
     get("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n"), 400},
    {"two lengths that differ", get("Content-Length: 4\r\nContent-Length: 5\r\n"), 400},
    {"the same length twice", get("Content-Length: 4\r\nContent-Length: 4\r\n"), 400},
    {"a list of lengths", get("Content-Length: 4, 4\r\n"), 400},
    {"a length with a sign", get("Content-Length: +5\r\n"), 400},
    {"a negative length", get("Content-Length: -5\r\n"), 400},
    {"a length of no number", get("Content-Length: 0x10\r\n"), 400},
    {"an empty length", get("Content-Length: \r\n"), 400},
    {"a length that overflows", get("Content-Length: 18446744073709551616\r\n"), 400},
    {"chunked twice", get("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 400},
    {"chunked twice in a list", get("Transfer-Encoding: chunked, chunked\r\n"), 400},
    {"another coding", get("Transfer-Encoding: gzip, chunked\r\n"), 400},
    {"an unknown coding", get("Transfer-Encoding: xchunked\r\n"), 400},
    {"a coding with a parameter", get("Transfer-Encoding: chunked;q=1\r\n"), 400},
    {"a coding in HTTP/1.0", "GET /-/healthy HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
    {"a folded line", get("Accept: text/plain,\r\n text/html\r\n"), 400},
    {"a first line that is folded", "GET / HTTP/1.1\r\n Host: x\r\n\r\n", 400},
    {"a space before a colon", get("Accept : text/plain\r\n"), 400},
    {"a space in a name", get("Content Length: 4\r\n"), 400},
    {"a name that is empty", get(": text/plain\r\n"), 400},
    {"a line without a colon", get("Accept\r\n"), 400},
    {"a bare LF", "GET /-/healthy HTTP/1.1\nHost: x\n\n", 400},
    {"a bare LF in a field", get("Accept: a\nContent-Length: 4\r\n"), 400},
    {"a bare CR in a field", get("Accept: a\rContent-Length: 4\r\n"), 400},
    {"a NUL in a field", get("Accept: a\0b\r\n"s), 400},
    {"a NUL in the target", "GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n"s, 400},
    {"a control character", get("Accept: a\x01\r\n"), 400},
    {"two spaces in the request line", "GET  / HTTP/1.1\r\nHost: x\r\n\r\n", 400},
    {"a tab in the request line", "GET\t/ HTTP/1.1\r\nHost: x\r\n\r\n", 400},
    {"a space at its end", "GET / HTTP/1.1 \r\nHost: x\r\n\r\n", 400},
    {"no host", "GET /-/healthy HTTP/1.1\r\n\r\n", 400},
    {"two hosts", get("Host: y\r\n"), 400},
    {"a host with a path", "GET /-/healthy HTTP/1.1\r\nHost: x/y\r\n\r\n", 400},
    {"a host with a space", "GET /-/healthy HTTP/1.1\r\nHost: x y\r\n\r\n", 400},
    {"a host with a user", "GET /-/healthy HTTP/1.1\r\nHost: me@x\r\n\r\n", 400},
    {"HTTP/0.9", "GET /-/healthy\r\n", 400},
    {"HTTP/2's preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
    {"HTTP/1.2", "GET / HTTP/1.2\r\nHost: x\r\n\r\n", 505},
    {"HTTP/1.10", "GET / HTTP/1.10\r\nHost: x\r\n\r\n", 505},
    {"a version in lower case", "GET / http/1.1\r\nHost: x\r\n\r\n", 400},
    {"a TLS client's hello", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"s, 400},
    {"SSH", "SSH-2.0-OpenSSH_9.2p1\r\n", 400},
    {"binary noise", "\xff\xfe\xfd\x80\x81"s, 400},
    {"two empty lines", "\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n", 400},
    {"a long header", get("Accept: " + std::string(20'000, 'x') + "\r\n"), 431},
    {"a long target", "GET /" + std::string(20'000, 'x') + " HTTP/1.1\r\nHost: x\r\n\r\n", 431},
    {"many fields", get([] {
       std::string lines;
       for (int i = 0; i < 500; ++i) lines += "a:\r\n";
       return lines;
     }()),
     431},
};

/// What is answered, and the connection kept.
std::vector<shape> const answered{
    {"an empty line before", "\r\nGET /-/healthy HTTP/1.1\r\nHost: x\r\n\r\n", 200},
    {"absolute form", "GET http://x/-/healthy HTTP/1.1\r\nHost: x\r\n\r\n", 200},
    {"a length of 0", get("Content-Length: 0\r\n"), 200},
    {"a host of IPv6", "GET /-/healthy HTTP/1.1\r\nHost: [::1]:2112\r\n\r\n", 200},
    {"an empty host", "GET /-/healthy HTTP/1.1\r\nHost:\r\n\r\n", 200},
    {"bytes above ASCII in a field", get("User-Agent: caf\xc3\xa9\r\n"), 200},
    {"a tab in a field", get("User-Agent:\ta\tb\r\n"), 200},
    {"1.0 that keeps the connection", "GET /-/healthy HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
     200},
    {"an unknown method", "BREW /-/healthy HTTP/1.1\r\nHost: x\r\n\r\n", 405},
    {"OPTIONS of all", "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", 405},
    {"CONNECT", "CONNECT x:80 HTTP/1.1\r\nHost: x\r\n\r\n", 405},
};

}  // namespace

TEST(EndpointRequests, RefusesWhatIsAmbiguousOrNoRequestAndCloses) {
  auto endpoint = start();
  client good(endpoint.port());
  for (shape const& each : refused) {
    client bad(endpoint.port());
    // A second request behind it: nobody may take it for one.
    bad.send(each.bytes + "GET /-/healthy HTTP/1.1\r\nHost: smuggled\r\n\r\n");
    EXPECT_EQ(bad.read().result_int(), each.status) << each.what;
    EXPECT_EQ(bad.rest(), "") << each.what;
    EXPECT_EQ(good.get("/metrics").result_int(), 200U) << each.what;
  }
}

TEST(EndpointRequests, RefusesAsSoonAsItCanBeSeen) {
  for (auto const* begins :
       {"\x16", "\xff", "GET /\r\n", "GET / HTTP/1.1\r\n ", "PRI * HTTP/2.0\r\n",
        "GET / HTTP/1.1\n", "GET / HTTP/1.1\r\nA: \x01"}) {
    request_reader reader(16 * 1024);
    std::string_view const bytes(begins);
    auto const room = reader.room();
    std::copy(bytes.begin(), bytes.end(), room.begin());
    reader.commit(bytes.size());
    EXPECT_EQ(reader.read(), request_reader::refused) << begins;
  }
}

TEST(EndpointRequests, AnswersWhatIsUnusual) {
  auto endpoint = start();
  for (shape const& each : answered) {
    client connection(endpoint.port());
    connection.send(each.bytes);
    EXPECT_EQ(connection.read().result_int(), each.status) << each.what;
    EXPECT_EQ(connection.get("/-/healthy").body(), "OK\n") << each.what;
  }
}

// However a header is cut into pieces, and whatever comes behind it, it is read as the same one.
TEST(EndpointRequests, ReadsTheSameInPiecesOfAnySize) {
  auto const one = [](std::string const& bytes, std::size_t piece) {
    request_reader reader(1024);
    std::string seen;
    std::size_t at = 0;
    for (;;) {
      switch (reader.read()) {
        case request_reader::refused:
          return seen + std::to_string(static_cast<int>(reader.refusal().status));
        case request_reader::whole:
          seen += std::string(reader.request().target()) + ";";
          reader.next();
          break;
        case request_reader::more:
          if (at == bytes.size()) return seen;
          auto const room = reader.room();
          auto const size = std::min({piece, room.size(), bytes.size() - at});
          std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), size, room.begin());
          reader.commit(size);
          at += size;
      }
    }
  };
  std::vector<std::string> all{get("") + get("A: b\r\n") + "\r\n" + get(""),
                               get("A: " + std::string(990, 'a') + "\r\n") + get(""),
                               get("A: " + std::string(970, 'a') + "\r\n") + get("")};
  for (shape const& each : refused) all.push_back(get("") + each.bytes);
  for (std::string const& bytes : all) {
    std::string const whole = one(bytes, bytes.size());
    EXPECT_TRUE(whole.starts_with("/-/healthy;") || whole == "431") << whole;
    for (std::size_t piece = 1; piece < 40; ++piece)
      EXPECT_EQ(one(bytes, piece), whole) << bytes.substr(0, 200);
  }
}
