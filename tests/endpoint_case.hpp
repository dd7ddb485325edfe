// endpoint_case.hpp: what the tests of the endpoint share: one that is started, and a client of it.
//
//   auto endpoint = start();
//   EXPECT_EQ(client(endpoint.port()).get("/-/healthy").body(), "OK\n");
//
// Threads: a client belongs to one thread at a time.

#pragma once

#include <sample.hpp>

#include <gtest/gtest.h>
#include <poll.h>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

namespace stele::test {

namespace http = boost::beast::http;

inline stele::endpoint start(stele::serve_options options = {}) {
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
    socket_.connect(boost::asio::ip::tcp::endpoint(boost::asio::ip::make_address(address), port));
  }
  /// Of a Unix-domain socket; a name that begins with 0 is an abstract one.
  explicit client(std::string const& path) : socket_(io_) {
    socket_.connect(boost::asio::local::stream_protocol::endpoint(path));
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
    parser.body_limit(boost::none);
    http::read(socket_, buffer_, parser);
    return parser.release();
  }

  void send(std::string const& bytes) { boost::asio::write(socket_, boost::asio::buffer(bytes)); }

  /// Ends what it sends; what it is sent it still reads.
  void end_sending() { socket_.shutdown(boost::asio::socket_base::shutdown_send); }
  /// Ends with a reset: the server sees an error instead of the end.
  void reset() {
    socket_.set_option(boost::asio::socket_base::linger(true, 0));
    socket_.close();
  }
  /// From here on the server can send a little only before this client reads.
  void take_little() {
    socket_.set_option(boost::asio::socket_base::receive_buffer_size(256 * 1024));
  }
  /// Whether the server sends something, or closes, within this time.
  bool hears_within(std::chrono::milliseconds time) {
    pollfd heard{.fd = descriptor(), .events = POLLIN, .revents = 0};
    return poll(&heard, 1, static_cast<int>(time.count())) > 0;
  }
  [[nodiscard]] int descriptor() { return socket_.native_handle(); }

  /// What the server sends until it closes.
  std::string rest() {
    boost::system::error_code ec;
    std::string text(static_cast<char const*>(buffer_.data().data()), buffer_.size());
    boost::asio::read(socket_, boost::asio::dynamic_buffer(text), ec);
    return text;
  }

  /// Whether what the server sends ends with a reset.
  bool is_reset() {
    boost::system::error_code ec;
    std::string text;
    boost::asio::read(socket_, boost::asio::dynamic_buffer(text), ec);
    return ec == boost::asio::error::connection_reset;
  }

  /// Whether the server has closed, when everything it sent has been read.
  bool closed() {
    boost::system::error_code ec;
    char byte = 0;
    boost::asio::read(socket_, boost::asio::buffer(&byte, 1), ec);
    return ec == boost::asio::error::eof || ec == boost::asio::error::connection_reset;
  }

 private:
  boost::asio::io_context io_;
  boost::asio::generic::stream_protocol::socket socket_;
  boost::beast::flat_buffer buffer_;
};

}  // namespace stele::test
