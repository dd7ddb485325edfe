// watch_session.cpp: the life of a watching websocket.

#include "watch_session.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/beast/core/bind_handler.hpp>
#include <boost/json/serialize.hpp>
#include <utility>

#include "failure.hpp"
#include "replies.hpp"

using coderd::metric;

namespace service {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using boost::asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t outbox_max = 256;          // a client that is further behind is dropped
constexpr std::size_t message_bytes_max = 1024;  // of what the client sends

}  // namespace

watch_session::watch_session(tcp::socket socket, workspace_store& workspaces,
                             std::string workspace_id)
    : stream_{std::move(socket)},
      workspaces_{workspaces},
      workspace_id_{std::move(workspace_id)},
      open_{metric<"coderd_api_concurrent_websockets">.track()},
      timer_{metric<"coderd_api_websocket_durations_ms">.with({.path = watch_path}).time()} {}

void watch_session::run(http_request handshake) {
  handshake_ = std::move(handshake);
  stream_.set_option(websocket::stream_base::timeout::suggested(beast::role_type::server));
  stream_.read_message_max(message_bytes_max);
  stream_.text(true);
  do_accept();
}

void watch_session::stop() {
  stopping_ = true;
  if (accepted_) do_close(websocket::close_code::going_away);  // else on_accept sees to it
}

void watch_session::do_accept() {
  stream_.async_accept(handshake_,
                       beast::bind_front_handler(&watch_session::on_accept, shared_from_this()));
}

void watch_session::on_accept(error_code error) {
  if (error) return;
  accepted_ = true;
  if (stopping_) return do_close(websocket::close_code::going_away);

  // The store calls the listener with its mutex held: it hands the change over to this thread.
  // A strand keeps the order: an io_context by itself may run what a worker has posted before what
  // its own thread had posted earlier.
  listener_ = std::make_shared<workspace_listener>(
      [weak = weak_from_this(),
       strand = asio::make_strand(stream_.get_executor())](workspace_change const& change) {
        asio::post(strand, [weak, change] {
          if (auto const self = weak.lock()) self->on_change(change);
        });
      });
  try {
    workspaces_.watch(workspace_id_, listener_);
  } catch (failure const&) {  // deleted since the handshake was read
    return do_close(websocket::close_code::normal);
  }
  do_read();
}

void watch_session::do_read() {
  stream_.async_read(ignored_,
                     beast::bind_front_handler(&watch_session::on_read, shared_from_this()));
}

void watch_session::on_read(error_code error, std::size_t) {
  if (error) return;  // closed, by either side
  ignored_.clear();
  do_read();
}

void watch_session::on_change(workspace_change const& change) {
  if (closing_ || last_) return;
  if (outbox_.size() >= outbox_max) return beast::get_lowest_layer(stream_).cancel();
  last_ = change.workspace.status == workspace_status::deleted;
  outbox_.push_back(boost::json::serialize(to_json(change)));
  if (outbox_.size() == 1) do_write();
}

void watch_session::do_write() {
  stream_.async_write(asio::buffer(outbox_.front()),
                      beast::bind_front_handler(&watch_session::on_write, shared_from_this()));
}

void watch_session::on_write(error_code error, std::size_t) {
  if (error) return;
  outbox_.pop_front();
  if (!outbox_.empty()) return do_write();
  if (last_) do_close(websocket::close_code::normal);
}

void watch_session::do_close(websocket::close_code why) {
  if (std::exchange(closing_, true)) return;
  stream_.async_close(why, [self = shared_from_this()](error_code) {});  // the end either way
}

}  // namespace service
