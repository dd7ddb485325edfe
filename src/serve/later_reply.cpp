#include "serve/later_reply.hpp"

#include <boost/asio/bind_allocator.hpp>

#include <exception>
#include <utility>

#include "serve/context.hpp"
#include "serve/handler_memory.hpp"
#include "serve/session.hpp"

namespace stele::serving {

later_reply::later_reply(std::shared_ptr<session> const& asks,
                         std::shared_ptr<session_context> const& context,
                         std::shared_ptr<handler_memory> memory, std::uint64_t request) noexcept
    : asks_(asks), posts_(context->posts), memory_(std::move(memory)), request_(request) {}

/// The session is held on the strand alone: its end is nothing for another thread.
template <class Said>
void later_reply::say(void (session::*then)(std::uint64_t, Said), Said said) const noexcept try {
  handler_allocator<void> const memory(*memory_);
  auto on_strand = [asks = asks_, memory_is_kept = memory_, then, request = request_,
                    said = std::move(said)]() mutable {
    auto const session = asks.lock();
    if (!session) return;
    try {
      ((*session).*then)(request, std::move(said));
    } catch (std::exception const&) {
      session->close();
    }
  };
  posts_->post(net::bind_allocator(memory, std::move(on_strand)));
} catch (std::exception const&) {
  // The session ends the request by itself, when its time is over.
}

template <class Said>
bool later_reply::say_here(void (session::*then)(std::uint64_t, Said), Said& said) const noexcept
    try {
  if (!posts_->is_here()) return false;
  if (auto const session = asks_.lock()) ((*session).*then)(request_, std::move(said));
  return true;
} catch (std::exception const&) {
  return true;  // as above
}

void guard_reply::operator()(verdict said) const noexcept {
  say(&session::on_verdict, std::move(said));
}

void body_reply::operator()(text_reply said) const noexcept {
  if (!say_here(&session::on_reply, said)) say(&session::on_reply, std::move(said));
}

}  // namespace stele::serving
