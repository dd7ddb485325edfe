#include "serve/session.hpp"

#include <algorithm>

namespace stele::serving {

session::session(std::shared_ptr<session_context> context)
    : context_(std::move(context)),
      timer_(context_->strand),
      reader_(context_->options.header_bytes_max,
              context_->extras.receiver ? request_reader::large_room : request_reader::small_room) {
}

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
  if (phase_ == phase::gathering && deadline_ < answer_until_) {
    context_->values.leave(std::move(gather_));
    return start_gather(false);
  }
  switch (phase_) {
    case phase::deciding:
    case phase::taking:
    case phase::gathering:
    case phase::preparing: return on_late();
    case phase::reading:
    case phase::receiving: read_late_ = true; return cancel_read();
    case phase::handshake:
    case phase::idle:
    case phase::writing:
    case phase::ending:
    case phase::closed: close();
  }
}

std::optional<steady_clock::time_point> session::waits_for_client_since() const noexcept {
  switch (phase_) {
    case phase::handshake:
    case phase::idle:
    case phase::reading:
    case phase::receiving:
    case phase::writing:
    case phase::ending: return since_;
    case phase::deciding:
    case phase::taking:
    case phase::gathering:
    case phase::preparing:
    case phase::closed: break;
  }
  return std::nullopt;
}

bool session::is_abandoned() noexcept {
  bool const has_to_do = phase_ == phase::deciding || phase_ == phase::taking ||
                         phase_ == phase::gathering || phase_ == phase::preparing;
  return has_to_do && is_half_closed();
}

void session::close() noexcept {
  if (phase_ == phase::closed) return;
  phase_ = phase::closed;
  close_socket();
  leave();
  context_->end_if_drained();
  timer_.cancel();
  do_release();
}

void session::drain() noexcept {
  if (phase_ == phase::handshake || phase_ == phase::idle || phase_ == phase::reading ||
      phase_ == phase::receiving)
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
  if (phase_ == phase::closed) return;
  if (read_late_ && (!ec || ec == net::error::operation_aborted)) return refuse_late();
  if (ec) return close();
  reader_.commit(bytes);
  if (phase_ == phase::idle) return do_begin();
  if (phase_ == phase::reading) return do_look();
  on_taken(bytes);
  do_body();
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

void session::refuse_late() {
  keep_alive_ = false;
  write_text(http::status::request_timeout, "expected the whole request sooner\n");
}

// ---- Ending a connection ------------------------------------------------------------------------

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
