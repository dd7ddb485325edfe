// watch_session.hpp: a websocket that sends a workspace's state now and after each change.
//
// Each message is the JSON of the workspace with its latest build. What the client sends is read
// and ignored. The socket is closed after the message that says `deleted`. Network thread only,
// except for the listener, which is called by whichever thread changes the workspace.

#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <coderd.hpp>
#include <deque>
#include <memory>
#include <string>

#include "api.hpp"
#include "connections.hpp"

namespace service {

class watch_session : public connection, public std::enable_shared_from_this<watch_session> {
 public:
  watch_session(boost::asio::ip::tcp::socket socket, workspace_store& workspaces,
                std::string workspace_id);

  /// `handshake` asks for the upgrade and has been counted.
  void run(http_request handshake);
  void stop() override;

 private:
  void do_accept();
  void on_accept(boost::system::error_code error);
  void do_read();
  void on_read(boost::system::error_code error, std::size_t);
  void on_change(workspace_change const& change);
  void do_write();
  void on_write(boost::system::error_code error, std::size_t);
  void do_close(boost::beast::websocket::close_code why);

  boost::beast::websocket::stream<boost::beast::tcp_stream> stream_;
  workspace_store& workspaces_;
  std::string const workspace_id_;
  http_request handshake_;
  boost::beast::flat_buffer ignored_;
  std::deque<std::string> outbox_;  // the front one is being written
  std::shared_ptr<workspace_listener> listener_;
  bool accepted_ = false;
  bool stopping_ = false;
  bool last_ = false;     // nothing follows what is in the outbox
  bool closing_ = false;  // a close has been sent

  // The rows that show the socket, for as long as the session lives.
  decltype(coderd::metric<"coderd_api_concurrent_websockets">.track()) open_;
  decltype(coderd::metric<"coderd_api_websocket_durations_ms">.with({.path = watch_path}).time())
      timer_;
};

}  // namespace service
