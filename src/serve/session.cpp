#include "serve/session.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/bind_handler.hpp>
#include <boost/beast/http/chunk_encode.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>

#include <algorithm>
#include <cstdint>
#include <new>
#include <utility>

namespace stele::serving {

namespace {

constexpr std::string_view plain_text = "text/plain; charset=utf-8";

beast::string_view to_boost(std::string_view text) noexcept { return {text.data(), text.size()}; }

/// The answer to a request that could not be read, or no status where the connection just ends.
std::optional<http::status> status_of(beast::error_code ec) noexcept {
  if (ec == http::error::header_limit) return http::status::request_header_fields_too_large;
  if (ec == http::error::end_of_stream || ec == http::error::partial_message) return std::nullopt;
  if (ec.category() == http::make_error_code(http::error::bad_method).category())
    return http::status::bad_request;
  return std::nullopt;
}

}  // namespace

session::session(net::ip::tcp::socket socket, parents_socket noted,
                 std::shared_ptr<session_context> context)
    : noted_(std::move(noted)),
      stream_(std::move(socket)),
      context_(std::move(context)),
      gather_check_(stream_.get_executor()) {
  context_->open.insert(this);
}

session::~session() { context_->open.erase(this); }

void session::run() { do_wait(); }

void session::drain() {
  if (answering_)
    keep_alive_ = false;
  else
    close();
}

void session::close() {
  idle_since_.reset();
  beast::error_code ignored;
  stream_.socket().close(ignored);
}

bool session::is_head() const { return parser_ && parser_->get().method() == http::verb::head; }

void session::do_wait() {
  parser_.emplace();
  parser_->header_limit(static_cast<std::uint32_t>(context_->options.header_bytes_max));
  if (buffer_.size() != 0) return do_read();  // a pipelined request
  idle_since_ = std::chrono::steady_clock::now();
  stream_.expires_after(to_chrono(context_->options.idle_time_max));
  stream_.async_read_some(buffer_.prepare(4096),
                          beast::bind_front_handler(&session::on_wait, shared_from_this()));
}

void session::on_wait(beast::error_code ec, std::size_t bytes) {
  idle_since_.reset();
  if (ec) return;  // closed by the client, idle for too long, or drained
  buffer_.commit(bytes);
  do_read();
}

void session::do_read() {
  stream_.expires_after(to_chrono(context_->options.request_time_max));
  http::async_read_header(stream_, buffer_, *parser_,
                          beast::bind_front_handler(&session::on_read, shared_from_this()));
}

void session::on_read(beast::error_code ec, std::size_t) {
  answering_ = true;
  if (!ec) {
    answer_ = route(parser_->get(), context_->views);
    keep_alive_ = parser_->get().keep_alive() && !answer_.close && !context_->draining;
    return do_answer();
  }
  keep_alive_ = false;
  if (auto const status = status_of(ec))
    do_write_whole(*status, plain_text, "expected an HTTP/1.1 request: " + ec.message() + "\n");
}

void session::do_answer() {
  if (answer_.kind != answer_kind::text) return do_gather();
  do_write_whole(answer_.status, plain_text, answer_.text);
}

void session::do_gather() {
  counted_.emplace();
  constexpr std::int64_t year_ms = 365LL * 24 * 3600 * 1000;  // the clock can add it to any time
  std::chrono::milliseconds const time_max{
      std::min<std::int64_t>(context_->options.callback_time_max.count(), year_ms)};
  try {
    gather_.emplace(context_->tables, core::deadline_clock::now() + time_max, this,
                    answer_.part.rows());
  } catch (std::bad_alloc const&) {
    return do_write_failure();
  }
  on_gather();
}

/// Answers when the callbacks have ended, or else looks again later.
void session::on_gather() {
  if (!gather_) return;  // answered, or abandoned
  if (gather_->ended()) return do_scrape();
  gather_check_.expires_at(gather_->next_check());
  gather_check_.async_wait([self = shared_from_this()](beast::error_code) { self->on_gather(); });
}

/// On the thread of the callbacks. The timer's handler, which holds the session, is run at once.
void session::on_round_end() noexcept try {
  net::post(stream_.get_executor(), [session = weak_from_this()] {
    if (auto const self = session.lock()) self->gather_check_.cancel();
  });
} catch (std::bad_alloc const&) {
  // The timer ends by itself, at the deadline.
}

void session::do_write_failure() {
  do_write_whole(http::status::internal_server_error, plain_text,
                 "the metrics could not be gathered: out of memory\n");
}

void session::do_scrape() {
  try {
    scrape_.emplace(gather_->take(), answer_.exposition.which, answer_.part.series());
  } catch (std::bad_alloc const&) {
    gather_.reset();
    return do_write_failure();
  }
  gather_.reset();
  counted_->answered(200);
  std::string_view const first = scrape_->next();
  if (first.size() < exposition::chunk_bytes_max)
    return do_write_whole(http::status::ok, answer_.exposition.content_type, first);
  do_write_header();
}

/// Fields of every answer. The format depends on Accept, so caches must know.
template <class Message>
static void set_fields(Message& message, std::string_view type, bool keep_alive) {
  message.set(http::field::content_type, to_boost(type));
  message.set(http::field::vary, "Accept, Accept-Encoding");
  if (message.result() == http::status::method_not_allowed)
    message.set(http::field::allow, "GET, HEAD");
  message.keep_alive(keep_alive);
}

void session::do_write_whole(http::status status, std::string_view type, std::string_view body) {
  whole_ = {};
  whole_.version(parser_->get().version());
  whole_.result(status);
  set_fields(whole_, type, keep_alive_);
  whole_.content_length(body.size());
  if (!is_head()) whole_.body() = body;
  stream_.expires_after(to_chrono(context_->options.write_time_max));
  http::async_write(stream_, whole_,
                    beast::bind_front_handler(&session::on_write, shared_from_this()));
}

/// A body of more than one chunk: chunked in HTTP/1.1, ended by the connection's close in 1.0.
void session::do_write_header() {
  bool const chunked = parser_->get().version() >= 11;
  keep_alive_ = keep_alive_ && (chunked || is_head());
  header_ = {};
  header_.version(parser_->get().version());
  header_.result(http::status::ok);
  set_fields(header_, answer_.exposition.content_type, keep_alive_);
  if (chunked) header_.chunked(true);
  header_serializer_.emplace(header_);
  stream_.expires_after(to_chrono(context_->options.write_time_max));
  http::async_write_header(
      stream_, *header_serializer_,
      beast::bind_front_handler(&session::on_write_header, shared_from_this()));
}

void session::on_write_header(beast::error_code ec, std::size_t bytes) {
  if (ec || is_head()) return on_write(ec, bytes);
  do_write_chunk(scrape_->current());
}

void session::do_write_chunk(std::string_view chunk) {
  auto handler = beast::bind_front_handler(&session::on_write_chunk, shared_from_this());
  auto const buffer = net::buffer(chunk.data(), chunk.size());
  stream_.expires_after(to_chrono(context_->options.write_time_max));
  if (parser_->get().version() < 11)
    net::async_write(stream_, buffer, std::move(handler));
  else
    net::async_write(stream_, http::make_chunk(buffer), std::move(handler));
}

void session::on_write_chunk(beast::error_code ec, std::size_t bytes) {
  if (ec) return on_write(ec, bytes);
  std::string_view const chunk = scrape_->next();
  if (!chunk.empty()) return do_write_chunk(chunk);
  if (parser_->get().version() < 11) return on_write(ec, bytes);
  net::async_write(stream_, http::make_chunk_last(),
                   beast::bind_front_handler(&session::on_write, shared_from_this()));
}

void session::on_write(beast::error_code ec, std::size_t) {
  end_answer();
  if (ec) return close();  // without the last chunk: the client sees that the body is cut
  if (keep_alive_ && !context_->draining) return do_wait();
  begin_linger();
}

void session::end_answer() {
  scrape_.reset();
  counted_.reset();
  answering_ = false;
}

/// Ends a connection so that the answer arrives: what the client still sends is read for a second
/// at most, since a close with unread bytes would reset the connection.
void session::begin_linger() {
  beast::error_code ignored;
  stream_.socket().shutdown(net::ip::tcp::socket::shutdown_send, ignored);
  stream_.expires_after(std::chrono::seconds(1));  // once: a slow sender does not renew it
  do_linger();
}

void session::do_linger() {
  buffer_.clear();
  stream_.async_read_some(buffer_.prepare(4096),
                          beast::bind_front_handler(&session::on_linger, shared_from_this()));
}

void session::on_linger(beast::error_code ec, std::size_t bytes) {
  constexpr std::size_t lingered_max = 256 * 1024;
  lingered_ += bytes;
  if (ec || lingered_ > lingered_max) return close();
  do_linger();
}

}  // namespace stele::serving
