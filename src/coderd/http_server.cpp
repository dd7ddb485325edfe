// http_server.cpp: the accept loop.

#include "http_server.hpp"

#include <fmt/format.h>

#include "failure.hpp"
#include "http_session.hpp"
#include "options.hpp"

namespace service {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t connections_max = 1024;
constexpr std::chrono::milliseconds accept_retry{100};  // when descriptors have run out

}  // namespace

http_server::http_server(asio::io_context& network, class api& api)
    : api_{api}, acceptor_{network}, retry_{network} {}

void http_server::listen(tcp::endpoint const& where) try {
  acceptor_.open(where.protocol());
  acceptor_.set_option(tcp::acceptor::reuse_address{true});
  acceptor_.bind(where);
  acceptor_.listen();
  local_ = acceptor_.local_endpoint();
} catch (boost::system::system_error const& error) {
  throw failure{reason::bad_input,
                fmt::format("--api: cannot listen on {}: {}; choose another address, or port 0 for "
                            "a free one",
                            to_text(where), error.code().message())};
}

void http_server::stop() {
  error_code ignored;  // closing a socket that only listens loses nothing
  acceptor_.close(ignored);
  retry_.cancel();
  connections_.stop_all();
}

void http_server::do_accept() {
  acceptor_.async_accept(
      [this](error_code error, tcp::socket socket) { on_accept(error, std::move(socket)); });
}

void http_server::on_accept(error_code error, tcp::socket socket) {
  if (!acceptor_.is_open()) return;
  if (error) return do_wait();
  if (connections_.count() >= connections_max) return do_accept();  // closes this one
  auto const session = std::make_shared<http_session>(std::move(socket), api_, connections_);
  connections_.add(session);
  session->run();
  do_accept();
}

void http_server::do_wait() {
  retry_.expires_after(accept_retry);
  retry_.async_wait([this](error_code error) {
    if (!error && acceptor_.is_open()) do_accept();
  });
}

}  // namespace service
