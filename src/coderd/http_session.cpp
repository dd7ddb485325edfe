// http_session.cpp: the life of an HTTP connection.

#include "http_session.hpp"

#include <fmt/format.h>

#include <boost/beast/core/bind_handler.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <utility>

#include "watch_session.hpp"

using coderd::metric;

namespace service {

namespace {

namespace beast = boost::beast;
using boost::asio::ip::tcp;
using boost::system::error_code;

constexpr std::uint32_t header_bytes_max = 8192;
constexpr std::uint64_t body_bytes_max = 65536;
constexpr std::chrono::seconds read_time_max{30};  // for a whole request, idle time included
constexpr std::chrono::seconds write_time_max{30};
constexpr std::chrono::seconds linger_time_max{2};

bool is_http_error(error_code error) {
  return error.category() == make_error_code(http::error::bad_method).category();
}

/// What the client is told of what could not be read.
std::pair<http::status, std::string> refusal_for(error_code error) {
  using http::status;
  if (error == http::error::body_limit)
    return {status::payload_too_large,
            fmt::format("expected a body of at most {} bytes; send less", body_bytes_max)};
  if (error == http::error::header_limit)
    return {status::request_header_fields_too_large,
            fmt::format("expected a header of at most {} bytes; send less", header_bytes_max)};
  return {status::bad_request, fmt::format("expected an HTTP request, saw: {}", error.message())};
}

}  // namespace

http_session::http_session(tcp::socket socket, class api& api, connection_list& connections)
    : stream_{std::move(socket)}, api_{api}, connections_{connections} {}

void http_session::stop() {
  stopping_ = true;
  if (!busy_) stream_.cancel();  // else on_write sees to it
}

void http_session::do_read() {
  parser_.emplace();
  parser_->header_limit(header_bytes_max);
  parser_->body_limit(body_bytes_max);
  stream_.expires_after(read_time_max);
  http::async_read(stream_, buffer_, *parser_,
                   beast::bind_front_handler(&http_session::on_read, shared_from_this()));
}

void http_session::on_read(error_code error, std::size_t) {
  if (error == http::error::end_of_stream || error == http::error::partial_message) return;
  if (error && !is_http_error(error)) return;  // gone, too slow, or stopped
  auto const& request = parser_->get();

  if (!error && beast::websocket::is_upgrade(request))
    if (auto watched = api_.accept_watch(request)) return do_upgrade(std::move(*watched));

  busy_.emplace(metric<"coderd_api_concurrent_requests">.track());
  if (!error) return do_write(api_.handle(request));
  auto const [status, message] = refusal_for(error);
  do_write(api_.refuse(request, status, message));
}

void http_session::do_write(http_response response) {
  if (stopping_) response.keep_alive(false);
  bool const keep_alive = response.keep_alive();
  bool const head = parser_->get().method() == http::verb::head;
  auto written =
      head ? http::message_generator{http::response<http::empty_body>{std::move(response.base())}}
           : http::message_generator{std::move(response)};
  stream_.expires_after(write_time_max);
  beast::async_write(
      stream_, std::move(written),
      beast::bind_front_handler(&http_session::on_write, shared_from_this(), keep_alive));
}

void http_session::on_write(bool keep_alive, error_code error, std::size_t) {
  busy_.reset();
  if (error) return;
  if (keep_alive && !stopping_) return do_read();
  stream_.socket().shutdown(tcp::socket::shutdown_send, error);
  if (error) return;
  stream_.expires_after(linger_time_max);
  buffer_.clear();
  do_linger();
}

void http_session::do_upgrade(std::string workspace_id) {
  auto const watch = std::make_shared<watch_session>(stream_.release_socket(), api_.workspaces(),
                                                     std::move(workspace_id));
  connections_.add(watch);
  watch->run(parser_->release());
  if (stopping_) watch->stop();
}

// Closing while the peer still sends would reset the connection, and the response could be lost
// before the peer has read it. So the rest is read, and thrown away, for a bounded time.
void http_session::do_linger() {
  stream_.async_read_some(buffer_.prepare(4096),
                          beast::bind_front_handler(&http_session::on_linger, shared_from_this()));
}

void http_session::on_linger(error_code error, std::size_t) {
  if (!error) do_linger();
}

}  // namespace service
