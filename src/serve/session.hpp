// session.hpp: one connection: wait for a request, read it, answer it, and again.
//
// `session` decides, and does not know what it talks through: stream_session.hpp has the operations
// of a stream, and a plain connection is one of those. How to add to it from outside:
//   - another stream (TLS): derive from stream_session<Stream>, override start_handshake() and
//     start_shutdown(), and hand a session_factory to core::serve (extras.hpp);
//   - who may ask: a guard (guard.hpp), handed over in the same way;
//   - who takes requests with bodies: a receiver (receiver.hpp), likewise;
//   - pages for a browser: pages.hpp.
//
//   auto const made = std::make_shared<plain_session>(std::move(from), context);
//   made->run();
//
// Each step is a pair: start_x of the stream, or do_x, and on_x. Threads: everything is on the
// endpoint's strand. A session is kept alive by the handlers of its operations, of which one is
// always its timer's, and ends when it has none. A gather whose callbacks take their time, or a
// guard or a receiver that does, is waited for in this way: the strand goes on with other sessions.

#pragma once

#include <boost/asio/buffer.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "serve/context.hpp"
#include "serve/counted_scrape.hpp"
#include "serve/handler_memory.hpp"
#include "serve/request_reader.hpp"
#include "serve/response_head.hpp"
#include "serve/routes.hpp"
#include "serve/scrape.hpp"

namespace stele::serving {

class STELE_API session : public std::enable_shared_from_this<session>, public values_waiter {
 public:
  session(session const&) = delete;
  session& operator=(session const&) = delete;
  virtual ~session();

  /// Begins. REQUIRES: it is held by a shared_ptr.
  void run();
  /// Closes if nothing is being answered; else that is ended first.
  void drain() noexcept;
  /// Closes now, in the middle of an answer if there is one.
  void close() noexcept;

  /// Since when it waits for its client: for a handshake, a request or the rest of one, or for what
  /// it is sent to be taken; none while the endpoint has to do. A reader that takes less than
  /// reading_rate_min has been waited for since it would have been on time with that.
  [[nodiscard]] std::optional<steady_clock::time_point> waits_for_client_since() const noexcept;
  /// Whether nothing of a request has come.
  [[nodiscard]] bool is_idle() const noexcept { return phase_ == phase::idle; }
  /// Whether it is one of the scrapes in flight.
  [[nodiscard]] bool is_scrape() const noexcept { return counted_.has_value(); }

  /// Bytes a second.
  static constexpr std::int64_t reading_rate_min = 256 * 1024;

  void on_verdict(std::uint64_t request, verdict said);
  void on_reply(std::uint64_t request, text_reply said);
  void on_values() noexcept final;

  /// Makes the client see the end, on any thread. REQUIRES: the context's mutex is held.
  virtual void shut_down() noexcept = 0;

 protected:
  explicit session(std::shared_ptr<session_context> context);

  /// What a stream writes at once: the header or a chunk's size, the chunk, and what ends it.
  using parts = std::array<net::const_buffer, 3>;

  // What a stream does. Each ends in a handler that bound() makes, exactly once; may throw
  // std::bad_alloc.
  virtual void start_handshake() { on_handshake({}); }
  virtual void start_read(net::mutable_buffer into) = 0;  // some bytes: on_read
  virtual void start_write(parts const& what) = 0;        // all of it: on_written
  virtual void start_shutdown() = 0;                      // of what is sent: on_shutdown
  /// Operations that are under way end with an error.
  virtual void close_socket() noexcept = 0;
  /// A read that is under way ends with one.
  virtual void cancel_read() noexcept = 0;
  /// Whether an end of the connection, whoever brings it about, is a reset.
  virtual void end_with_reset(bool does) noexcept = 0;

  void on_handshake(beast::error_code ec);
  void on_read(beast::error_code ec, std::size_t bytes);
  void on_written(beast::error_code ec, std::size_t bytes);
  void on_shutdown(beast::error_code ec);

  /// A handler that goes on with a member function, in memory of this session.
  template <class Self, class... Arguments>
  class [[gnu::visibility("hidden")]] bound_handler {
   public:
    using allocator_type = handler_allocator<void>;
    using member = void (Self::*)(Arguments...);

    bound_handler(std::shared_ptr<session> self, member then) noexcept
        : allocator_(self->memory_), self_(std::move(self)), then_(then) {}

    [[nodiscard]] allocator_type get_allocator() const noexcept { return allocator_; }
    /// A session that lacks memory ends, and nobody else does.
    void operator()(Arguments... arguments) const {
      try {
        (static_cast<Self&>(*self_).*then_)(arguments...);
      } catch (std::exception const&) {  // Asio throws a system_error for it, too
        self_->close();
      }
    }

   private:
    allocator_type allocator_;
    std::shared_ptr<session> self_;
    member then_;
  };
  template <class Self, class... Arguments>
  [[nodiscard, gnu::visibility("hidden")]] bound_handler<Self, Arguments...> bound(
      void (Self::*then)(Arguments...)) {
    return {shared_from_this(), then};
  }

  /// From here on shut_down() is not called. Whoever has the socket calls this before it ends.
  void leave() noexcept;
  [[nodiscard]] session_context& context() const noexcept { return *context_; }

 private:
  enum class phase : std::uint8_t {
    handshake,
    idle,       // nothing of a request has come
    reading,    // a request
    deciding,   // the guard does
    receiving,  // the request's body
    taking,     // the receiver does, of the body
    gathering,  // the callbacks run
    preparing,  // the page's values are added up
    writing,
    ending,  // what was sent is to arrive
    closed,
  };

  void enter(phase now, std::chrono::nanoseconds time_max);
  void enter_until(phase now, steady_clock::time_point deadline);
  void start_timer();
  void on_timer(beast::error_code ec);

  void do_next();
  void do_begin();
  void do_read();
  void do_look();
  void refuse_late();
  void do_ask();
  void do_answer();
  void do_begin_body();
  void do_body();
  void do_continue();
  void do_take();
  void refuse_body(text_reply why);
  void do_page();
  void do_rows();
  void do_prepare();
  void do_scrape();
  void do_gather();
  void start_gather(bool may_share);
  void do_values();
  void on_late();

  void fail_gather();
  void fail_scrape(http::status status, std::string_view why);
  void write_text(http::status status, std::string_view text, std::string_view fields = {});
  void write_body(body& from, http::status status, std::string_view type,
                  std::string_view fields = {});
  void do_write(std::string_view chunk);
  void enter_writing();
  void on_taken(std::size_t bytes) noexcept;
  void do_end_answer();
  void do_release() noexcept;
  void do_linger();
  void on_lingered(beast::error_code ec, std::size_t bytes);

  /// Where what is said of the request at hand goes.
  template <class Reply>
  [[nodiscard, gnu::visibility("hidden")]] Reply reply_here() {
    if (!reply_memory_) reply_memory_ = std::make_shared<handler_memory>();
    return Reply(shared_from_this(), context_, reply_memory_, requests_);
  }
  [[nodiscard]] bool is_head() const noexcept;
  [[nodiscard]] unsigned version() const noexcept;

  handler_memory memory_;  // of all operations
  std::shared_ptr<session_context> context_;
  timer timer_;
  bool timer_runs_ = false;
  phase phase_ = phase::handshake;
  steady_clock::time_point since_;     // it is in this phase; see on_taken()
  steady_clock::time_point deadline_;  // of the phase
  request_reader reader_;
  std::array<char, 512> lingered_bytes_;
  std::size_t lingered_ = 0;

  std::shared_ptr<handler_memory> reply_memory_;  // may be null

  // The request at hand and its answer.
  std::uint64_t requests_ = 0;
  bool read_late_ = false;                 // it has not come in its time
  steady_clock::time_point began_;         // its first byte
  steady_clock::time_point answer_until_;  // its answer has to begin
  steady_clock::time_point values_until_;  // its callbacks have to end
  steady_clock::time_point sent_until_;    // its answer has to be sent
  std::unique_ptr<incoming> incoming_;     // while its body is received, and until it is answered
  std::size_t body_room_ = 0;              // that it has made
  bool body_asked_ = false;                // whether it was asked to
  bool takes_ = false;                     // right now
  std::optional<text_reply> said_{};       // meanwhile
  answer answer_;
  bool keep_alive_ = false;
  std::optional<counted_scrape> counted_;
  std::shared_ptr<shared_gather> gather_;
  std::unique_ptr<scrape> scrape_;
  page_rows rows_;
  text_body text_;
  std::string text_copy_;  // of what does not live as long as it is sent
  body* body_ = nullptr;   // one of the above, while it is sent
  response_head head_;
  bool chunked_ = false;
  bool ended_by_close_ = false;  // the body, whose end nothing else tells
};

}  // namespace stele::serving
