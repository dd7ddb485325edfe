#include "secure/access.hpp"

#include <boost/beast/http/field.hpp>

#include <utility>

namespace stele::securing {

using namespace serving;

namespace {

using outcome = password_checker::outcome;
using scheme = credentials::scheme;

/// Of two fields neither can be told to be meant: it is as if there were none.
credentials credentials_of(request_type const& request) {
  auto const [begin, end] = request.equal_range(http::field::authorization);
  if (begin == end || std::next(begin) != end) return {};
  return read_authorization(to_std(begin->value()));
}

refusal unauthorized(settings const& now, scheme said) {
  refusal made{http::status::unauthorized, {}, "Unauthorized\n"};
  if (!now.users.empty())
    made.fields += "WWW-Authenticate: Basic realm=\"metrics\", charset=\"UTF-8\"\r\n";
  if (!now.tokens.empty())
    made.fields += said == scheme::bearer
                       ? "WWW-Authenticate: Bearer realm=\"metrics\", error=\"invalid_token\"\r\n"
                       : "WWW-Authenticate: Bearer realm=\"metrics\"\r\n";
  return made;
}

verdict verdict_of(outcome seen, settings const& now) {
  switch (seen) {
    case outcome::right: return std::nullopt;
    case outcome::wrong: return unauthorized(now, scheme::basic);
    case outcome::busy: break;
  }
  return refusal{http::status::service_unavailable, "Retry-After: 1\r\n",
                 "too many passwords are being checked\n"};
}

}  // namespace

std::optional<verdict> access::ask(request_type const& request, guard_reply reply) {
  auto const now = follows_->current();
  if (!now->authenticates()) return limit(*now, false);
  credentials const said = credentials_of(request);
  bool const names_user = said.is == scheme::basic && !now->users.empty();
  std::optional<outcome> known;
  if (names_user) known = passwords_.known(now->users, said.user, said.secret);
  bool const proven =
      known == outcome::right || (said.is == scheme::bearer && now->tokens.has(said.secret));
  if (auto refused = limit(*now, proven)) return refused;
  if (proven) return verdict();
  if (!names_user) return unauthorized(*now, said.is);
  if (!known)
    known = passwords_.check(
        now->users, said.user, said.secret,
        [now, reply = std::move(reply)](outcome seen) { reply(verdict_of(seen, *now)); });
  if (!known) return std::nullopt;
  return verdict_of(*known, *now);
}

verdict access::limit(settings const& now, bool proven) {
  token_bucket& bucket = proven ? proven_ : others_;
  if (bucket.config() != now.rate_limit) bucket = token_bucket(now.rate_limit);
  auto const wait = bucket.take(steady_clock::now());
  if (!wait) return std::nullopt;
  return refusal{http::status::too_many_requests,
                 "Retry-After: " + std::to_string(retry_after_seconds(*wait)) + "\r\n",
                 "Too Many Requests\n"};
}

std::shared_ptr<std::string const> access::fields() const { return follows_->current()->fields; }

}  // namespace stele::securing
