// http_session.hpp: one HTTP connection: requests are read, answered and written in turn.
//
// Network thread only. A session keeps itself alive through the handler it waits for.

#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/message_generator.hpp>
#include <boost/beast/http/parser.hpp>
#include <coderd.hpp>
#include <memory>
#include <optional>

#include "api.hpp"
#include "connections.hpp"

namespace service {

class http_session : public connection, public std::enable_shared_from_this<http_session> {
 public:
  http_session(boost::asio::ip::tcp::socket socket, class api& api, connection_list& connections);

  void run() { do_read(); }
  void stop() override;

 private:
  void do_read();
  void on_read(boost::system::error_code error, std::size_t);
  void do_write(http_response response);
  void on_write(bool keep_alive, boost::system::error_code error, std::size_t);
  void do_upgrade(std::string workspace_id);
  void do_linger();
  void on_linger(boost::system::error_code error, std::size_t);

  boost::beast::tcp_stream stream_;
  api& api_;
  connection_list& connections_;
  boost::beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;  // of one request
  bool stopping_ = false;

  // From a request's last byte in to its response's last byte out.
  std::optional<decltype(coderd::metric<"coderd_api_concurrent_requests">.track())> busy_;
};

}  // namespace service
