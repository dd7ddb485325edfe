// session_answer.cpp: what a session does with a request that it has read, up to the last byte of
// the answer. How it came to that, and how it ends, is in session.cpp.

#include <boost/beast/http/verb.hpp>

#include <algorithm>
#include <ctime>

#include "serve/session.hpp"

namespace stele::serving {

namespace {

constexpr std::string_view plain_text = "text/plain; charset=utf-8";

/// What is left of a scraper's timeout for sending: a quarter of it, half a second at most.
std::chrono::nanoseconds reserve_of(std::chrono::nanoseconds timeout) noexcept {
  return std::min<std::chrono::nanoseconds>(timeout / 4, std::chrono::milliseconds(500));
}

net::const_buffer to_buffer(std::string_view text) noexcept { return {text.data(), text.size()}; }

}  // namespace

// ---- Deciding -----------------------------------------------------------------------------------

void session::do_ask() {
  ++requests_;
  keep_alive_ = reader_.request().keep_alive() && !context_->draining;
  auto const& guard = context_->extras.guard;
  if (!guard) return do_answer();
  enter_until(phase::deciding, answer_until_);
  auto said = guard->ask(reader_.request(), reply_here<guard_reply>());
  if (said) on_verdict(requests_, *std::move(said));
}

void session::on_verdict(std::uint64_t request, verdict said) {
  if (phase_ != phase::deciding || request != requests_) return;  // too late, or said twice
  if (!said) return do_answer();
  if (has_body(reader_.request())) keep_alive_ = false;
  text_copy_ = std::move(said->body);
  write_text(said->status, text_copy_, said->fields);
}

void session::do_answer() {
  if (context_->extras.receiver && !asks_health(reader_.request())) return do_begin_body();
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
  values_until_ = std::min(answer_until_ - reserve_of(timeout), steady_clock::now() + time_max);
  start_gather(true);
}

/// Another's gather may end later than this one may wait. It is left then, with a quarter of the
/// time to go, in which callbacks that do not hang have their turn.
void session::start_gather(bool may_share) {
  try {
    auto const* const rows = answer_.part.rows();
    gather_ = may_share ? context_->values.join_or_begin(values_until_, rows)
                        : context_->values.begin_alone(values_until_, rows);
    if (!gather_->ended()) {
      auto const left = values_until_ - steady_clock::now();
      bool const is_late = gather_->until() > values_until_;
      enter_until(phase::gathering, is_late ? values_until_ - left / 4 : answer_until_);
      return gather_->wait(shared_from_this());
    }
  } catch (std::bad_alloc const&) {
    return fail_gather();
  }
  do_values();
}

void session::on_values() noexcept try {
  // It may be told of a gather that it has left.
  if (phase_ == phase::gathering && gather_ && gather_->ended()) do_values();
} catch (std::exception const&) {
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
  enter_until(phase::preparing, answer_until_);
  do_prepare();
}

/// Between two steps the strand goes on with other sessions.
void session::do_prepare() {
  if (phase_ != phase::preparing) return;  // too late
  if (!rows_.rows->prepare()) return context_->post(bound(&session::do_prepare));
  write_body(*rows_.rows, http::status::ok, rows_.type, rows_.fields);
}

// ---- Writing an answer --------------------------------------------------------------------------

bool session::is_head() const noexcept {
  return reader_.has_request() && reader_.request().method() == http::verb::head;
}

unsigned session::version() const noexcept {
  return reader_.has_request() ? reader_.request().version() : 11;
}

/// An answer without values, which leaves those of others to others.
void session::write_text(http::status status, std::string_view text, std::string_view fields) {
  if (gather_) context_->values.leave(std::move(gather_));
  incoming_.reset();
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
  ended_by_close_ = !whole && !chunked_ && !is_head();
  if (ended_by_close_) {
    keep_alive_ = false;
    end_with_reset(true);  // until all of it is written: half of it would look like all
  }
  head_.begin(version(), status);
  head_.field("Date", context_->date.at(std::time(nullptr)));
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
    if (auto const lines = guard->fields()) head_.lines_but(*lines, fields);
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
  enter_writing();
  start_write({to_buffer(head_.text()), to_buffer(chunk), to_buffer(end)});
}

/// Each chunk has its time, and all of them have one together: who takes a little just in time
/// would else hold the answer for ever.
void session::enter_writing() {
  auto const now = steady_clock::now();
  bool const goes_on = phase_ == phase::writing;
  auto const since = since_;
  if (!goes_on) sent_until_ = now + to_chrono(context_->options.answer_time_max);
  enter_until(phase::writing,
              std::min(sent_until_, now + to_chrono(context_->options.write_time_max)));
  if (goes_on) since_ = since;
}

/// What was taken, or given, makes up for as much time as it may take.
void session::on_taken(std::size_t bytes) noexcept {
  std::chrono::nanoseconds const may_take(static_cast<std::int64_t>(bytes) * 1'000'000'000 /
                                          reading_rate_min);
  since_ = std::min(since_ + may_take, steady_clock::now());
}

void session::on_written(beast::error_code ec, std::size_t bytes) {
  if (ec || phase_ == phase::closed) return close();  // the client sees that the body is cut
  if (phase_ == phase::receiving) return do_continue();
  on_taken(bytes);
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
  if (std::exchange(ended_by_close_, false)) end_with_reset(false);
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
  incoming_.reset();
  if (gather_) context_->values.leave(std::move(gather_));
  counted_.reset();
}

}  // namespace stele::serving
