// session_body.cpp: how a session takes in the body of a request, and has the endpoint's receiver
// say what it is answered with.

#include <boost/beast/http/field.hpp>

#include <utility>
#include <variant>

#include "serve/session.hpp"

namespace stele::serving {

namespace {

constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";

/// One of HTTP/1.0 does not know the answer.
bool expects_continue(request_type const& request) noexcept {
  return request.version() >= 11 && beast::iequals(request[http::field::expect], "100-continue");
}

}  // namespace

void session::do_begin_body() {
  body_room_ = 0;
  body_asked_ = false;
  reader_.begin_body();
  auto decided = context_->extras.receiver->begin(reader_.request(), began_);
  if (auto* const why = std::get_if<refusal>(&decided)) return refuse_body(std::move(*why));
  incoming_ = std::get<std::unique_ptr<incoming>>(std::move(decided));
  do_body();
}

/// Looks at what has come of the body. There has to be room for all that is known of, before any
/// memory is taken for it.
void session::do_body() {
  auto const seen = reader_.read_body();
  if (seen == request_reader::refused) {
    keep_alive_ = false;
    return write_text(reader_.refusal().status, reader_.refusal().why);
  }
  std::size_t const known = reader_.body_bytes_known();
  bool const has_room = body_asked_ ? known <= body_room_ : !reader_.has_body();
  if (!has_room) {
    if (auto why = incoming_->make_room(known)) return refuse_body(*std::move(why));
    body_room_ = known;
    body_asked_ = true;
  }
  if (seen == request_reader::whole) return do_take();
  if (phase_ == phase::receiving) return do_read();
  enter_until(phase::receiving, began_ + to_chrono(context_->options.body_time_max));
  if (reader_.body_begun() || !expects_continue(reader_.request())) return do_read();
  start_write({net::const_buffer(go_on.data(), go_on.size())});
}

/// The client has been told to.
void session::do_continue() {
  if (read_late_) return refuse_late();
  do_read();
}

/// What has not come of a body is not read; where the next request would begin is not known then.
void session::refuse_body(text_reply why) {
  if (reader_.read_body() != request_reader::whole) keep_alive_ = false;
  text_copy_ = std::move(why.body);
  write_text(why.status, text_copy_, why.fields);
}

/// What is said during the call has to wait for its end, behind which the incoming may end.
void session::do_take() {
  enter(phase::taking, to_chrono(context_->options.request_time_max));
  takes_ = true;
  said_.reset();
  incoming_->take(reader_.body(), reply_here<body_reply>());
  takes_ = false;
  reader_.release();
  if (said_) on_reply(requests_, *std::exchange(said_, std::nullopt));
}

void session::on_reply(std::uint64_t request, text_reply said) {
  if (phase_ != phase::taking || request != requests_) return;  // too late, or said twice
  if (takes_) {
    if (!said_) said_ = std::move(said);
    return;
  }
  text_copy_ = std::move(said.body);
  write_text(said.status, text_copy_, said.fields);
}

}  // namespace stele::serving
