#include "serve/listener.hpp"

#include <boost/asio/bind_allocator.hpp>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <exception>
#include <string>
#include <system_error>
#include <utility>

#include "serve/stream_session.hpp"

namespace stele::serving {

namespace {

/// Between two tries where one has failed, so that an error that lasts does not spin.
constexpr std::chrono::milliseconds pause{100};
/// Where nothing has.
constexpr std::chrono::milliseconds looks_again{10'000};

}  // namespace

listener::listener(std::shared_ptr<session_context> context)
    : context_(std::move(context)), ready_(context_->strand), again_(context_->strand) {}

std::optional<error> listener::open(serve_options const& options) {
  if (auto failed = socket_.open(options)) return failed;
  beast::error_code ec;
  ready_.assign(socket_.descriptor(), ec);
  if (ec)
    return error{std::error_code(ec.value(), std::system_category()),
                 "serve: expected to wait for connections, saw '" + ec.message() +
                     "' from epoll_ctl; raise fs.epoll.max_user_watches"};
  port_ = socket_.port();
  return std::nullopt;
}

void listener::drain() noexcept { again_.cancel(); }

void listener::close() noexcept {
  std::lock_guard const lock(mutex_);
  if (ready_.is_open()) ready_.release();
  socket_.close();
}

void listener::run() noexcept {
  do_wait();
  look_again(looks_again);
}

void listener::do_wait() noexcept try {
  std::lock_guard const not_closed(mutex_);
  if (waits_ || !ready_.is_open()) return;
  auto then = [self = shared_from_this()](beast::error_code ec) { self->on_ready(ec); };
  ready_.async_wait(net::posix::descriptor_base::wait_read,
                    net::bind_allocator(handler_allocator<void>(memory_), std::move(then)));
  waits_ = true;
} catch (std::exception const&) {
  look_again(pause);
}

void listener::on_ready(beast::error_code ec) noexcept try {
  waits_ = false;
  if (context_->draining) return;
  if (ec || !accept_one()) return look_again(pause);
  do_wait();
} catch (std::exception const&) {  // no memory, mostly; TLS and Asio have errors of their own
  look_again(pause);
}

/// Whether the next one is to be accepted at once. False where descriptors have run out, mostly.
bool listener::accept_one() {
  parents_socket noted;
  int opened = -1;
  {
    std::lock_guard const not_closed(mutex_);
    if (!ready_.is_open()) return true;
    opened = noted.open([&] {
      return ::accept4(socket_.descriptor(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    });
  }
  if (opened < 0) return errno == EAGAIN || errno == EINTR || errno == ECONNABORTED;
  plain_socket socket(context_->strand);
  beast::error_code ec;
  try {
    socket.assign(socket_.protocol(), opened, ec);
  } catch (std::exception const&) {
    ::close(opened);
    throw;
  }
  if (ec) {
    ::close(opened);
    return false;
  }
  if (!context_->make_room()) return true;
  make_session({std::move(noted), std::move(socket)});
  return true;
}

void listener::make_session(accepted from) {
  if (socket_.protocol().family() != AF_UNIX) {
    int const on = 1;
    ::setsockopt(from.socket.native_handle(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    // What a client does not take waits with us, two chunks but for what is on its way: megabytes
    // in the system for each would hide for seconds whether it takes anything.
    int const unsent_bytes = 128 * 1024;
    ::setsockopt(from.socket.native_handle(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent_bytes,
                 sizeof unsent_bytes);
  }
  auto const& factory = context_->extras.factory;
  auto const made = factory ? factory->make(std::move(from), context_)
                            : std::make_shared<plain_session>(std::move(from), context_);
  if (made) made->run();
}

/// One look is due at any time: the new one takes the place of the one before, in memory that is
/// there, so that this does not fail where memory is short. Should another thread's timer have
/// taken the place just now, or there have been no timer yet, it is tried until there is one.
void listener::look_again(std::chrono::milliseconds in) noexcept {
  if (context_->draining) return;
  try {
    again_.expires_after(in);
    again_.async_wait(net::bind_allocator(handler_allocator<void>(memory_),
                                          [self = shared_from_this()](beast::error_code ec) {
                                            if (!ec) self->run();
                                          }));
    return;
  } catch (std::exception const&) {
  }
  try {
    context_->post(net::bind_allocator(handler_allocator<void>(memory_),
                                       [self = shared_from_this()] { self->look_again(pause); }));
  } catch (std::exception const&) {
    // No block of its own memory is free: a look is due.
  }
}

}  // namespace stele::serving
