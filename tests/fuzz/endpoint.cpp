// Bytes to a whole endpoint over a connection: whatever they are, what comes back is HTTP, the
// connection ends, and the next scrape is served.

#include <coderd.hpp>
#include <stele/serve.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <sys/socket.h>

#include <string>
#include <string_view>

#include "fuzz.hpp"

namespace net = boost::asio;
namespace http = boost::beast::http;

using namespace stele::fuzz;

namespace {

constexpr std::string_view good_request =
    "GET /-/healthy HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

/// For the whole run: starting one costs more than a request.
std::uint16_t port() {
  static constexpr stele::view views[]{
      {.path = "/metrics/service", .except = {"coderd_workspace_*"}}};
  static auto* const endpoint = new auto(stele::serve<coderd::table>({.port = 0, .views = views}));
  always(static_cast<bool>(*endpoint), "the endpoint starts");
  return (*endpoint)->port();
}

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
std::string answer_to(std::string_view bytes) {
  static net::io_context io;
  net::ip::tcp::socket socket(io);
  boost::system::error_code ec;
  uninterrupted(ec, [&] {
    socket = net::ip::tcp::socket(io);
    socket.connect({net::ip::address_v4::loopback(), port()}, ec);
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

bool is_status(unsigned status) {
  for (unsigned const each :
       {200U, 400U, 404U, 405U, 408U, 413U, 414U, 417U, 431U, 501U, 503U, 505U})
    if (status == each) return true;
  return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  std::string const answer = answer_to(text_of(data, size));
  // The first answer; whether later ones have a body depends on requests that are not known here.
  if (!answer.empty()) {
    http::response_parser<http::string_body> parser;
    std::string_view request = text_of(data, size);
    request.remove_prefix(std::min(request.find_first_not_of("\r\n"), request.size()));
    parser.skip(request.starts_with("HEAD "));
    boost::beast::error_code ec;
    parser.header_limit(64 * 1024);
    parser.eager(true);
    parser.body_limit(64 * 1024 * 1024);
    parser.put(net::buffer(answer), ec);
    always(!ec || ec == http::error::need_more, "an answer is HTTP");
    always(parser.is_header_done(), "an answer has a whole header");
    always(is_status(parser.get().result_int()), "a status is one that the endpoint has");
  }
  static int count = 0;
  if (++count % 64 == 0)
    always(answer_to(good_request).ends_with("\r\n\r\nOK\n"), "the next request is served");
  return 0;
}
