// stream_session.hpp: a session over a stream of Asio's: a plain socket, or TLS upon one.
//
//   class tls_session final : public stream_session<net::ssl::stream<plain_socket>> {
//     tls_session(accepted from, std::shared_ptr<session_context> with, net::ssl::context& tls)
//         : stream_session(std::move(from.noted), std::move(with), std::move(from.socket), tls) {}
//     void start_handshake() override {
//       stream().async_handshake(net::ssl::stream_base::server, bound(&tls_session::on_handshake));
//     }
//     void start_shutdown() override { stream().async_shutdown(bound(&tls_session::on_shutdown)); }
//   };
//
// Threads: as session.

#pragma once

#include <boost/asio/write.hpp>
#include <boost/beast/core/stream_traits.hpp>

#include <poll.h>
#include <sys/socket.h>

#include <memory>
#include <mutex>
#include <utility>

#include "serve/session.hpp"

namespace stele::serving {

template <class Stream>
class stream_session : public session {
 public:
  template <class... Arguments>
  stream_session(parents_socket noted, std::shared_ptr<session_context> context,
                 Arguments&&... stream)
      : session(std::move(context)),
        noted_(std::move(noted)),
        stream_(std::forward<Arguments>(stream)...) {}
  ~stream_session() override { leave(); }

  void shut_down() noexcept final {
    int const descriptor = socket().native_handle();
    linger set{};
    socklen_t size = sizeof set;
    sockaddr none{};
    none.sa_family = AF_UNSPEC;  // connecting to nothing is a reset, without a close
    if (::getsockopt(descriptor, SOL_SOCKET, SO_LINGER, &set, &size) == 0 && set.l_onoff != 0 &&
        ::connect(descriptor, &none, sizeof none) == 0)
      return;
    ::shutdown(descriptor, SHUT_RDWR);
  }

 protected:
  [[nodiscard]] Stream& stream() noexcept { return stream_; }
  [[nodiscard]] plain_socket& socket() noexcept { return beast::get_lowest_layer(stream_); }

  void start_read(net::mutable_buffer into) override {
    // After the end of what is sent: whatever comes is not looked at, so it is not deciphered.
    if (sent_all_)
      socket().async_read_some(into, bound(&stream_session::on_read));
    else
      stream_.async_read_some(into, bound(&stream_session::on_read));
  }
  void start_write(parts const& what) override {
    net::async_write(stream_, what, bound(&stream_session::on_written));
  }
  /// A stream that has an end of its own sends that first, and calls this.
  void start_shutdown() override { end_sending(); }
  void end_sending() {
    beast::error_code ignored;
    socket().shutdown(net::socket_base::shutdown_send, ignored);
    sent_all_ = true;
    on_shutdown({});
  }
  void close_socket() noexcept final {
    std::lock_guard const no_shut_down(context().mutex);
    beast::error_code ignored;
    socket().close(ignored);
  }
  bool is_half_closed() noexcept final {
    pollfd asked{.fd = socket().native_handle(), .events = POLLRDHUP, .revents = 0};
    return ::poll(&asked, 1, 0) == 1;
  }
  void cancel_read() noexcept final {
    beast::error_code ignored;
    socket().cancel(ignored);
  }
  /// Of a Unix-domain socket it is none: there is no such thing. Asio's option would not hold where
  /// the socket is destroyed.
  void end_with_reset(bool does) noexcept final {
    linger const set{.l_onoff = does ? 1 : 0, .l_linger = 0};
    ::setsockopt(socket().native_handle(), SOL_SOCKET, SO_LINGER, &set, sizeof set);
  }

 private:
  parents_socket noted_;  // ends after the socket is closed
  Stream stream_;
  bool sent_all_ = false;
};

class plain_session final : public stream_session<plain_socket> {
 public:
  plain_session(accepted from, std::shared_ptr<session_context> context)
      : stream_session(std::move(from.noted), std::move(context), std::move(from.socket)) {}
};

}  // namespace stele::serving
