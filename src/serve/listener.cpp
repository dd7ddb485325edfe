#include "serve/listener.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <new>
#include <utility>

#include "serve/stream_session.hpp"

namespace stele::serving {

listener::listener(std::shared_ptr<session_context> context)
    : context_(std::move(context)), ready_(context_->strand), pause_(context_->strand) {}

std::optional<error> listener::open(serve_options const& options) {
  if (auto failed = socket_.open(options)) return failed;
  ready_.assign(socket_.descriptor());
  port_ = socket_.port();
  return std::nullopt;
}

void listener::close() noexcept {
  std::lock_guard const lock(mutex_);
  if (ready_.is_open()) ready_.release();
  socket_.close();
}

void listener::run() noexcept try {
  std::lock_guard const not_closed(mutex_);
  if (!ready_.is_open()) return;
  ready_.async_wait(net::posix::descriptor_base::wait_read,
                    [self = shared_from_this()](beast::error_code ec) { self->on_ready(ec); });
} catch (std::bad_alloc const&) {
  do_pause();
}

void listener::on_ready(beast::error_code ec) noexcept try {
  if (context_->draining) return;
  if (ec || !accept_one()) return do_pause();
  run();
} catch (std::bad_alloc const&) {
  do_pause();
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
  } catch (std::bad_alloc const&) {
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

/// Tries again in a moment, so that an error that lasts does not spin.
void listener::do_pause() noexcept try {
  pause_.expires_after(std::chrono::milliseconds(100));
  pause_.async_wait([self = shared_from_this()](beast::error_code ec) {
    if (!ec) self->run();
  });
} catch (std::bad_alloc const&) {
  // The tick of the server runs it again.
}

}  // namespace stele::serving
