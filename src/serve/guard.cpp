#include "serve/guard.hpp"

#include <exception>
#include <utility>

#include "serve/context.hpp"
#include "serve/session.hpp"

namespace stele::serving {

guard::~guard() = default;

std::shared_ptr<std::string const> guard::fields() const { return nullptr; }

guard_reply::guard_reply(std::shared_ptr<session> const& asks,
                         std::shared_ptr<session_context> const& context,
                         std::uint64_t request) noexcept
    : asks_(asks), posts_(context->posts), request_(request) {}

void guard_reply::operator()(verdict said) const noexcept try {
  posts_->post([asks = asks_, request = request_, said = std::move(said)]() mutable {
    auto const session = asks.lock();
    if (!session) return;
    try {
      session->on_verdict(request, std::move(said));
    } catch (std::exception const&) {
      session->close();
    }
  });
} catch (std::exception const&) {
  // The session ends the request by itself, when its time is over.
}

}  // namespace stele::serving
