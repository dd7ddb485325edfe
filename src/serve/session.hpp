// session.hpp: one connection: wait for a request, read it, answer it, and again.
//
//   std::make_shared<session>(std::move(socket), std::move(noted), context)->run();
//
// Each step is a pair, do_x and on_x. Threads: everything runs on the endpoint's. A session is kept
// alive by the handler of the operation that it has under way, and ends when it has none. A gather
// whose callbacks take their time is such an operation: the thread goes on with other sessions.

#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/serializer.hpp>
#include <boost/beast/http/string_body.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/pending_gather.hpp"
#include "serve/fork.hpp"
#include "serve/routes.hpp"
#include "serve/scrape.hpp"
#include "stele/serve.hpp"

namespace stele::serving {

namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace net = boost::asio;

class session;

/// A time of the options, for a timer.
constexpr std::chrono::milliseconds to_chrono(whole_milliseconds time) noexcept {
  return std::chrono::milliseconds(time.count());
}

/// What the sessions of an endpoint share.
struct session_context {
  std::vector<core::table_link*> tables;
  serve_options options;
  view_set views;
  std::set<session*> open;
  bool draining = false;
};

class session : public std::enable_shared_from_this<session>, public core::round_waiter {
 public:
  session(net::ip::tcp::socket socket, parents_socket noted,
          std::shared_ptr<session_context> context);
  ~session() override;

  void run();
  /// Closes if nothing is being answered; else that is ended first.
  void drain();
  /// Since when it waits for a request, nothing of which has come; none while it has one.
  [[nodiscard]] std::optional<std::chrono::steady_clock::time_point> idle_since() const noexcept {
    return idle_since_;
  }

  /// Closes now, in the middle of an answer if there is one.
  void close();
  /// Waits for no callback any more, so that none reaches for the executor. Any thread, while the
  /// endpoint's does not run.
  void abandon_gather() noexcept { gather_.reset(); }

 private:
  void do_wait();
  void on_wait(beast::error_code ec, std::size_t bytes);
  void do_read();
  void on_read(beast::error_code ec, std::size_t bytes);
  void do_answer();
  void do_gather();
  void on_gather();
  void on_round_end() noexcept override;
  void do_scrape();
  void do_write_failure();
  void do_write_whole(http::status status, std::string_view type, std::string_view body);
  void do_write_header();
  void on_write_header(beast::error_code ec, std::size_t bytes);
  void do_write_chunk(std::string_view chunk);
  void on_write_chunk(beast::error_code ec, std::size_t bytes);
  void on_write(beast::error_code ec, std::size_t bytes);
  void begin_linger();
  void do_linger();
  void on_linger(beast::error_code ec, std::size_t bytes);
  void end_answer();

  [[nodiscard]] bool is_head() const;

  parents_socket noted_;  // ends after the socket is closed
  beast::tcp_stream stream_;
  std::shared_ptr<session_context> context_;
  beast::flat_buffer buffer_;
  std::optional<std::chrono::steady_clock::time_point> idle_since_;
  std::size_t lingered_ = 0;

  // The request at hand and its answer.
  std::optional<http::request_parser<http::empty_body>> parser_;
  answer answer_;
  bool answering_ = false;
  bool keep_alive_ = false;
  std::optional<counted_scrape> counted_;
  std::optional<core::pending_gather> gather_;
  net::steady_timer gather_check_;
  std::optional<scrape> scrape_;
  http::response<http::string_body> whole_;
  http::response<http::empty_body> header_;
  std::optional<http::response_serializer<http::empty_body>> header_serializer_;
};

}  // namespace stele::serving
