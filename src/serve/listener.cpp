#include "serve/listener.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/beast/core/bind_handler.hpp>

#include <string>
#include <utility>

#include "serve/fork.hpp"

namespace stele::serving {

using net::ip::tcp;

namespace {

error failure(beast::error_code ec, std::string message) {
  return {std::error_code(ec.value(), std::system_category()), std::move(message)};
}

std::string shown(serve_options const& options) {
  std::string const address(options.address);
  bool const bare_v6 = address.find(':') != std::string::npos && address.front() != '[';
  return (bare_v6 ? "[" + address + "]" : address) + ":" + std::to_string(options.port);
}

}  // namespace

listener::listener(net::io_context& io, std::shared_ptr<session_context> context)
    : io_(io), acceptor_(io), pause_(io), context_(std::move(context)) {}

std::optional<error> listener::open() {
  auto const& options = context_->options;
  std::string address(options.address);
  if (address.size() >= 2 && address.front() == '[' && address.back() == ']')
    address = address.substr(1, address.size() - 2);
  beast::error_code ec;
  auto const parsed = net::ip::make_address(address, ec);
  if (ec)
    return failure(ec, "serve: expected an IP address (127.0.0.1, 0.0.0.0, ::1, ::), saw '" +
                           std::string(options.address) + "'; a host name is not looked up");
  tcp::endpoint const wanted(parsed, options.port);
  auto const explain = [&](char const* call) {
    return failure(ec, "serve: expected to listen on " + shown(options) + ", saw '" + ec.message() +
                           "' from " + call + "; choose another address, or port 0 for a free one");
  };
  if (acceptor_.open(wanted.protocol(), ec)) return explain("open");
  acceptor_.set_option(net::socket_base::reuse_address(true), ec);
  if (parsed.is_v6() && parsed.is_unspecified())
    acceptor_.set_option(net::ip::v6_only(false), ec);  // both families
  if (acceptor_.bind(wanted, ec)) return explain("bind");
  if (acceptor_.listen(net::socket_base::max_listen_connections, ec)) return explain("listen");
  auto const bound = acceptor_.local_endpoint(ec);
  if (ec) return explain("getsockname");
  port_ = bound.port();
  close_in_child(acceptor_.native_handle());
  return std::nullopt;
}

void listener::close() {
  beast::error_code ignored;
  if (acceptor_.is_open()) forget_in_child(acceptor_.native_handle());
  acceptor_.close(ignored);
  pause_.cancel();
}

void listener::do_accept() {
  acceptor_.async_accept(io_, beast::bind_front_handler(&listener::on_accept, shared_from_this()));
}

void listener::on_accept(beast::error_code ec, tcp::socket socket) {
  if (!acceptor_.is_open()) return;
  if (ec) return do_pause();  // out of descriptors, most likely
  if (make_room()) try {
      beast::error_code ignored;
      socket.set_option(tcp::no_delay(true), ignored);
      std::make_shared<session>(std::move(socket), context_)->run();
    } catch (std::bad_alloc const&) {
      return do_pause();
    }
  do_accept();
}

/// Whether there is room for one more connection. Where there is none, the one that has been idle
/// for the longest is closed, so that idle clients cannot keep a scraper out.
bool listener::make_room() {
  if (context_->open.size() < context_->options.connections_max) return true;
  session* longest_idle = nullptr;
  for (session* each : context_->open)
    if (each->idle_since() &&
        (longest_idle == nullptr || *each->idle_since() < *longest_idle->idle_since()))
      longest_idle = each;
  if (longest_idle == nullptr) return false;
  longest_idle->close();
  return true;
}

/// Tries again in a moment, so that an error that lasts does not spin.
void listener::do_pause() {
  pause_.expires_after(std::chrono::milliseconds(100));
  pause_.async_wait([self = shared_from_this()](beast::error_code ec) {
    if (!ec && self->acceptor_.is_open()) self->do_accept();
  });
}

}  // namespace stele::serving
