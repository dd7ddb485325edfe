// listener.hpp: accepts connections and makes sessions of them.
//
//   auto const accepting = std::make_shared<listener>(io, context);
//   if (auto failure = accepting->open()) return *failure;      // a port that is in use
//   accepting->run();
//
// Threads: the endpoint's thread, but for open() and port(), before it runs.

#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/error.hpp>

#include <cstdint>
#include <memory>
#include <optional>

#include "serve/fork.hpp"
#include "serve/session.hpp"
#include "stele/result.hpp"

namespace stele::serving {

class listener : public std::enable_shared_from_this<listener> {
 public:
  listener(net::io_context& io, std::shared_ptr<session_context> context);

  /// Binds the address of the options. Nothing, or why it could not.
  std::optional<error> open();
  void run() { do_accept(); }
  void close();

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

 private:
  bool open_socket(net::ip::tcp protocol, beast::error_code& ec);
  void do_accept();
  void on_ready(beast::error_code ec);
  bool accept_one();
  void do_pause();
  bool make_room();

  net::io_context& io_;
  parents_socket noted_;  // ends after the socket is closed
  net::ip::tcp::acceptor acceptor_;
  net::ip::tcp protocol_ = net::ip::tcp::v4();
  net::steady_timer pause_;
  std::shared_ptr<session_context> context_;
  std::uint16_t port_ = 0;
};

}  // namespace stele::serving
