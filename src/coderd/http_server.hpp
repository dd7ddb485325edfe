// http_server.hpp: listens, accepts, and starts a session for each connection.
//
// Network thread only: the thread that runs the io_context.

#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <string>

#include "api.hpp"
#include "connections.hpp"

namespace service {

class http_server {
 public:
  /// `api` outlives the io_context's last handler.
  http_server(boost::asio::io_context& network, class api& api);

  /// Binds and listens. Throws a `failure` that names the address and what to do.
  void listen(boost::asio::ip::tcp::endpoint const& where);
  /// Where it listens: the port that was picked, where port 0 was asked for.
  [[nodiscard]] boost::asio::ip::tcp::endpoint local() const { return local_; }

  /// Begins to accept. Returns at once; the io_context does the rest.
  void run() { do_accept(); }
  /// Accepts no more and lets every connection finish what it has begun.
  void stop();

 private:
  void do_accept();
  void on_accept(boost::system::error_code error, boost::asio::ip::tcp::socket socket);
  void do_wait();

  api& api_;
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::ip::tcp::endpoint local_;
  boost::asio::steady_timer retry_;
  connection_list connections_;
};

}  // namespace service
