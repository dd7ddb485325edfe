#include "serve/session.hpp"

#include <boost/asio/post.hpp>
#include <boost/beast/http/verb.hpp>

#include <algorithm>

namespace stele::serving {

namespace {

constexpr std::string_view plain_text = "text/plain; charset=utf-8";

/// What is left of a scraper's timeout for sending: a quarter of it, half a second at most.
std::chrono::nanoseconds reserve_of(std::chrono::nanoseconds timeout) noexcept {
  return std::min<std::chrono::nanoseconds>(timeout / 4, std::chrono::milliseconds(500));
}

net::const_buffer to_buffer(std::string_view text) noexcept { return {text.data(), text.size()}; }

}  // namespace

session::session(std::shared_ptr<session_context> context)
    : context_(std::move(context)),
      timer_(context_->strand),
      reader_(context_->options.header_bytes_max) {}

session::~session() { do_release(); }

void session::leave() noexcept {
  std::lock_guard const lock(context_->mutex);
  if (context_->open.erase(this) != 0) context_->changed.notify_all();
}

// ---- Phases and their time ----------------------------------------------------------------------

void session::enter(phase now, std::chrono::nanoseconds time_max) {
  enter_until(now, steady_clock::now() + time_max);
}

void session::enter_until(phase now, steady_clock::time_point deadline) {
  if (phase_ == phase::closed) return;
  phase_ = now;
  since_ = steady_clock::now();
  deadline_ = deadline;
  if (!timer_runs_ || deadline < timer_.expiry()) start_timer();
}

/// Most deadlines are moved on before they are met, and mostly to a later time: the timer is left
/// alone then, and finds out when it ends.
void session::start_timer() {
  timer_runs_ = false;
  timer_.expires_at(deadline_);
  timer_.async_wait(bound(&session::on_timer));
  timer_runs_ = true;
}

void session::on_timer(beast::error_code ec) {
  if (ec || phase_ == phase::closed) return;  // another one runs, or none is needed
  timer_runs_ = false;
  if (steady_clock::now() < deadline_) return start_timer();
  if (phase_ == phase::deciding || phase_ == phase::gathering) return on_late();
  close();
}

std::optional<steady_clock::time_point> session::idle_since() const noexcept {
  return phase_ == phase::idle ? std::optional(since_) : std::nullopt;
}

std::optional<steady_clock::time_point> session::incomplete_since() const noexcept {
  return phase_ == phase::handshake || phase_ == phase::reading ? std::optional(since_)
                                                                : std::nullopt;
}

std::optional<steady_clock::time_point> session::unread_since() const noexcept {
  return phase_ == phase::writing && counted_ ? std::optional(since_) : std::nullopt;
}

void session::close() noexcept {
  if (phase_ == phase::closed) return;
  phase_ = phase::closed;
  close_socket();
  leave();
  if (context_->draining && context_->open.empty()) context_->drain.cancel();
  timer_.cancel();
  do_release();
}

void session::drain() noexcept {
  if (phase_ == phase::handshake || phase_ == phase::idle || phase_ == phase::reading)
    close();
  else
    keep_alive_ = false;
}

// ---- Reading a request --------------------------------------------------------------------------

void session::run() {
  {
    std::lock_guard const lock(context_->mutex);
    context_->open.insert(this);
  }
  enter(phase::handshake, to_chrono(context_->options.handshake_time_max));
  start_handshake();
}

void session::on_handshake(beast::error_code ec) {
  if (ec) return close();
  do_next();
}

/// Waits for a request, or goes on with what has come of it.
void session::do_next() {
  if (reader_.begun()) return do_begin();
  enter(phase::idle, to_chrono(context_->options.idle_time_max));
  do_read();
}

void session::do_begin() {
  auto const& options = context_->options;
  began_ = steady_clock::now();
  answer_until_ = began_ + to_chrono(options.request_time_max);
  enter_until(phase::reading, std::min(answer_until_, began_ + to_chrono(options.header_time_max)));
  do_look();
}

void session::do_read() {
  auto const room = reader_.room();
  start_read({room.data(), room.size()});
}

void session::on_read(beast::error_code ec, std::size_t bytes) {
  if (phase_ == phase::ending) return on_lingered(ec, bytes);
  if (ec || phase_ == phase::closed) return close();
  reader_.commit(bytes);
  if (phase_ == phase::idle)
    do_begin();
  else
    do_look();
}

void session::do_look() {
  switch (reader_.read()) {
    case request_reader::more: return do_read();
    case request_reader::whole: return do_ask();
    case request_reader::refused: break;
  }
  keep_alive_ = false;  // where the next request would begin is not known
  write_text(reader_.refusal().status, reader_.refusal().why);
}

// ---- Deciding -----------------------------------------------------------------------------------

void session::do_ask() {
  ++requests_;
  keep_alive_ = reader_.request().keep_alive() && !context_->draining;
  auto const& guard = context_->extras.guard;
  if (!guard) return do_answer();
  enter_until(phase::deciding, answer_until_);
  auto said = guard->ask(reader_.request(), guard_reply(shared_from_this(), context_, requests_));
  if (said) on_verdict(requests_, *std::move(said));
}

void session::on_verdict(std::uint64_t request, verdict said) {
  if (phase_ != phase::deciding || request != requests_) return;  // too late, or said twice
  if (!said) return do_answer();
  if (reader_.has_body()) keep_alive_ = false;
  text_copy_ = std::move(said->body);
  write_text(said->status, text_copy_, said->fields);
}

void session::do_answer() {
  answer_ = route(reader_.request(), context_->views);
  if (answer_.close) keep_alive_ = false;
  switch (answer_.kind) {
    case answer_kind::metrics:
    case answer_kind::page_data: return do_scrape();
    case answer_kind::page: return do_page();
    case answer_kind::text: break;
  }
  write_text(answer_.status, answer_.text,
             answer_.status == http::status::method_not_allowed ? "Allow: GET, HEAD\r\n" : "");
}

void session::on_late() {
  fail_scrape(http::status::service_unavailable, "no answer within the request's time\n");
}

// ---- Gathering ----------------------------------------------------------------------------------

void session::do_scrape() {
  bool const may = context_->may_scrape();
  counted_.emplace(context_->scrapes_in_flight, answer_.kind == answer_kind::metrics);
  if (!may) return fail_scrape(http::status::service_unavailable, "too many scrapes at once\n");
  do_gather();
}

void session::do_gather() {
  std::chrono::nanoseconds time_max = to_chrono(context_->options.callback_time_max);
  std::chrono::nanoseconds timeout = to_chrono(context_->options.request_time_max);
  timeout = std::min(timeout, answer_.timeout.value_or(timeout));
  answer_until_ = began_ + timeout;
  auto const left = answer_until_ - reserve_of(timeout) - steady_clock::now();
  time_max = std::clamp<std::chrono::nanoseconds>(left, std::chrono::nanoseconds(0), time_max);
  try {
    gather_ = context_->values.join_or_begin(time_max, answer_.part.rows());
    enter_until(phase::gathering, answer_until_);
    if (!gather_->ended()) return gather_->wait(shared_from_this());
  } catch (std::bad_alloc const&) {
    return fail_gather();
  }
  do_values();
}

void session::on_values() noexcept try {
  if (phase_ == phase::gathering) do_values();
} catch (std::bad_alloc const&) {
  close();
}

void session::do_values() {
  if (gather_->values() == nullptr) return fail_gather();
  if (steady_clock::now() >= answer_until_) return on_late();
  if (answer_.kind == answer_kind::page_data) return do_rows();
  try {
    scrape_ = context_->scrapes.take();
    scrape_->begin(*gather_->values(),
                   {.which = answer_.exposition.which,
                    .created = context_->options.openmetrics_created,
                    .filter = answer_.part.series()},
                   answer_.coding);
  } catch (std::bad_alloc const&) {
    return fail_gather();
  }
  counted_->answered(200);
  write_body(*scrape_, http::status::ok, answer_.exposition.content_type,
             scrape_->is_gzipped() ? "Content-Encoding: gzip\r\n" : "");
}

void session::fail_gather() {
  fail_scrape(http::status::internal_server_error,
              "the metrics could not be gathered: out of memory\n");
}

/// A scrape, or a page's, that is answered without values.
void session::fail_scrape(http::status status, std::string_view why) {
  if (counted_) counted_->answered(static_cast<int>(status));
  write_text(status, why, status == http::status::service_unavailable ? "Retry-After: 1\r\n" : "");
}

// ---- Pages --------------------------------------------------------------------------------------

void session::do_page() {
  auto* const pages = context_->pages.get();
  page const found = pages != nullptr ? pages->front(answer_) : page{};
  if (found.text.empty()) return write_text(http::status::not_found, "there is no page here\n");
  text_ = text_body(found.text);
  write_body(text_, http::status::ok, found.type, found.fields);
}

/// The values of a page are gathered as those of a scrape are, within the same bound; the
/// promhttp_* rows count scrapes alone.
void session::do_rows() {
  auto* const pages = context_->pages.get();
  if (pages != nullptr) rows_ = pages->data(answer_, *gather_->values());
  if (!rows_.rows) return write_text(http::status::not_found, "there is no page here\n");
  do_prepare();
}

/// Between two steps the strand goes on with other sessions.
void session::do_prepare() {
  if (phase_ != phase::gathering) return;  // too late
  if (!rows_.rows->prepare()) return net::post(context_->strand, bound(&session::do_prepare));
  write_body(*rows_.rows, http::status::ok, rows_.type, rows_.fields);
}

// ---- Writing an answer --------------------------------------------------------------------------

bool session::is_head() const noexcept {
  return reader_.has_request() && reader_.request().method() == http::verb::head;
}

unsigned session::version() const noexcept {
  return reader_.has_request() ? reader_.request().version() : 11;
}

void session::write_text(http::status status, std::string_view text, std::string_view fields) {
  text_ = text_body(text);
  write_body(text_, status, plain_text, fields);
}

/// A body of one chunk is sent with its length; a longer one chunked in HTTP/1.1, and ended by the
/// connection's close in 1.0. A HEAD gets what a GET would, up to the body.
void session::write_body(body& from, http::status status, std::string_view type,
                         std::string_view fields) {
  std::string_view const first = from.next();
  bool const whole = from.ended();
  chunked_ = !whole && version() >= 11;
  if (!whole && !chunked_ && !is_head()) keep_alive_ = false;
  head_.begin(version(), status);
  head_.field("Content-Type", type);
  head_.field("Vary", "Accept, Accept-Encoding");
  if (whole) head_.field("Content-Length", first.size());
  if (chunked_) head_.field("Transfer-Encoding", "chunked");
  if (!keep_alive_)
    head_.field("Connection", "close");
  else if (version() < 11)
    head_.field("Connection", "keep-alive");
  head_.lines(fields);
  if (auto const& guard = context_->extras.guard)
    if (auto const lines = guard->fields()) head_.lines(*lines);
  head_.end();
  body_ = &from;
  if (is_head()) {
    body_ = nullptr;
    chunked_ = false;
    return do_write({});
  }
  do_write(first);
}

/// Writes what head_ has, and a chunk.
void session::do_write(std::string_view chunk) {
  bool const last = body_ == nullptr || body_->ended();
  std::string_view end;
  if (chunked_) {
    if (!chunk.empty()) head_.chunk_size(chunk.size());
    end = chunk.empty() ? "0\r\n\r\n" : last ? "\r\n0\r\n\r\n" : "\r\n";
  }
  if (last) {
    body_ = nullptr;
    if (gather_) gather_->close();
  }
  enter(phase::writing, to_chrono(context_->options.write_time_max));
  start_write({to_buffer(head_.text()), to_buffer(chunk), to_buffer(end)});
}

void session::on_written(beast::error_code ec, std::size_t) {
  if (ec || phase_ == phase::closed) return close();  // the client sees that the body is cut
  if (body_ == nullptr) return do_end_answer();
  head_.clear();
  std::string_view const chunk = body_->next();
  if (chunk.empty()) {
    body_ = nullptr;
    if (!chunked_) return do_end_answer();
  }
  do_write(chunk);
}

void session::do_end_answer() {
  do_release();
  if (!keep_alive_ || context_->draining) {
    // What the client still sends is read for a second at most, since a close with unread bytes
    // would reset the connection, and with it what it was sent.
    enter(phase::ending, std::chrono::seconds(1));
    return start_shutdown();
  }
  reader_.next();
  do_next();
}

/// Gives back what the answer was made of.
void session::do_release() noexcept {
  body_ = nullptr;
  if (scrape_) context_->scrapes.give_back(std::move(scrape_));
  rows_ = {};
  if (gather_) context_->values.leave(std::move(gather_));
  counted_.reset();
}

void session::on_shutdown(beast::error_code ec) {
  if (ec) return close();
  do_linger();
}

void session::do_linger() { start_read({lingered_bytes_.data(), lingered_bytes_.size()}); }

void session::on_lingered(beast::error_code ec, std::size_t bytes) {
  constexpr std::size_t lingered_max = 256 * 1024;
  lingered_ += bytes;
  if (ec || lingered_ > lingered_max) return close();
  do_linger();
}

}  // namespace stele::serving
