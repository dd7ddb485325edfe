// exchange.hpp: what the targets that have an endpoint share: bytes there, and the answer.
//
//   std::string const answer = answer_to(port(), bytes);
//   always_http(answer, bytes, {200, 400});
//
// Threads: one.

#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <sys/socket.h>

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "fuzz.hpp"

namespace stele::fuzz {

namespace net = boost::asio;
namespace http = boost::beast::http;

/// Goes on while a step wants it and fails of nothing but a signal: the fuzzer has a timer.
template <class Step>
void uninterrupted(boost::system::error_code& ec, Step step) {
  bool goes_on = true;
  do {
    ec = {};
    goes_on = step();
  } while (ec == net::error::interrupted || (!ec && goes_on));
}

/// All that is answered to some bytes behind which nothing follows. Where the endpoint does not end
/// the connection, this does not return, which the fuzzer and the test notice.
inline std::string answer_to(std::uint16_t port, std::string_view bytes) {
  static net::io_context io;
  net::ip::tcp::socket socket(io);
  boost::system::error_code ec;
  uninterrupted(ec, [&] {
    socket = net::ip::tcp::socket(io);
    socket.connect({net::ip::address_v4::loopback(), port}, ec);
    return false;
  });
  always(!ec, "the endpoint takes a connection");
  uninterrupted(ec, [&] {
    bytes.remove_prefix(socket.write_some(net::buffer(bytes.data(), bytes.size()), ec));
    return !bytes.empty();
  });
  if (!ec) socket.shutdown(net::ip::tcp::socket::shutdown_send, ec);
  std::string answer;
  uninterrupted(ec, [&] {
    static char part[64 * 1024];
    answer.append(part, socket.read_some(net::buffer(part), ec));
    return true;
  });
  if (ec != net::error::eof && ec != net::error::connection_reset)
    always(false, ("the endpoint ends the connection; saw " + ec.message()).c_str());
  linger const at_once{1, 0};  // no port is kept busy by thousands of connections
  ::setsockopt(socket.native_handle(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  return answer;
}

/// Of the first answer, if there is one; whether later ones have a body depends on requests that
/// are not known here.
inline void always_http(std::string const& answer, std::string_view request,
                        std::initializer_list<unsigned> statuses) {
  if (answer.empty()) return;
  http::response_parser<http::string_body> parser;
  request.remove_prefix(std::min(request.find_first_not_of("\r\n"), request.size()));
  parser.skip(request.starts_with("HEAD "));
  boost::beast::error_code ec;
  parser.header_limit(64 * 1024);
  parser.eager(true);
  parser.body_limit(64 * 1024 * 1024);
  parser.put(net::buffer(answer), ec);
  always(!ec || ec == http::error::need_more, "an answer is HTTP");
  always(parser.is_header_done(), "an answer has a whole header");
  always(std::ranges::find(statuses, parser.get().result_int()) != statuses.end(),
         "a status is one that the endpoint has");
}

}  // namespace stele::fuzz
