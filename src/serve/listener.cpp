#include "serve/listener.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/beast/core/bind_handler.hpp>

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <new>
#include <string>
#include <utility>

namespace stele::serving {

using net::ip::tcp;

namespace {

beast::error_code last_error() noexcept { return {errno, boost::system::system_category()}; }

/// Hands a descriptor over to Asio, or closes it. Throws std::bad_alloc.
template <class Socket>
beast::error_code hand_over(int descriptor, tcp protocol, Socket& to) {
  beast::error_code ec;
  try {
    to.assign(protocol, descriptor, ec);
  } catch (std::bad_alloc const&) {
    ::close(descriptor);
    throw;
  }
  if (ec) ::close(descriptor);
  return ec;
}

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
  if (!open_socket(wanted.protocol(), ec)) return explain("socket");
  acceptor_.set_option(net::socket_base::reuse_address(true), ec);
  if (parsed.is_v6() && parsed.is_unspecified())
    acceptor_.set_option(net::ip::v6_only(false), ec);  // both families
  if (acceptor_.bind(wanted, ec)) return explain("bind");
  if (acceptor_.listen(net::socket_base::max_listen_connections, ec)) return explain("listen");
  auto const bound = acceptor_.local_endpoint(ec);
  if (ec) return explain("getsockname");
  port_ = bound.port();
  return std::nullopt;
}

void listener::close() {
  beast::error_code ignored;
  acceptor_.close(ignored);
  noted_.forget();
  pause_.cancel();
}

/// Asio would open sockets without SOCK_CLOEXEC, and in its own time.
bool listener::open_socket(tcp protocol, beast::error_code& ec) {
  int const opened = noted_.open([&] {
    return ::socket(protocol.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP);
  });
  protocol_ = protocol;
  ec = opened < 0 ? last_error() : hand_over(opened, protocol, acceptor_);
  return !ec;
}

void listener::do_accept() {
  acceptor_.async_wait(tcp::acceptor::wait_read,
                       beast::bind_front_handler(&listener::on_ready, shared_from_this()));
}

void listener::on_ready(beast::error_code ec) {
  if (!acceptor_.is_open()) return;
  if (ec || !accept_one()) return do_pause();
  do_accept();
}

/// Whether the next one is to be accepted at once. False where descriptors have run out, mostly.
bool listener::accept_one() try {
  parents_socket noted;
  int const opened = noted.open([&] {
    return ::accept4(acceptor_.native_handle(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  });
  if (opened < 0) return errno == EAGAIN || errno == EINTR || errno == ECONNABORTED;
  tcp::socket socket(io_);
  if (hand_over(opened, protocol_, socket)) return false;
  if (!make_room()) return true;
  beast::error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  std::make_shared<session>(std::move(socket), std::move(noted), context_)->run();
  return true;
} catch (std::bad_alloc const&) {
  return false;
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
