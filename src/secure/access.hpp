// access.hpp: who may ask, as the settings say.
//
//   core::serve(tables, options, {.guard = std::make_shared<access>(reloader)});
//
// The rate limit comes first, as exporters have it, so that it bounds what wrong passwords cost.
// Unlike there, those who have shown a right token, or a password that is known to be right, have a
// bucket of their own: whoever floods the endpoint does not use up their share.
//
// Threads: the endpoint's strand.

#pragma once

#include <memory>
#include <optional>
#include <string>

#include "secure/authorization.hpp"
#include "secure/passwords.hpp"
#include "secure/rate_limit.hpp"
#include "secure/reloader.hpp"
#include "serve/guard.hpp"

namespace stele::securing {

class access final : public serving::guard {
 public:
  explicit access(std::shared_ptr<reloader> follows) : follows_(std::move(follows)) {}

  std::optional<serving::verdict> ask(serving::request_type const& request,
                                      serving::guard_reply reply) override;
  std::shared_ptr<std::string const> fields() const override;

 private:
  serving::verdict limit(settings const& now, bool proven);

  std::shared_ptr<reloader> follows_;
  password_checker passwords_;
  token_bucket proven_;
  token_bucket others_;
};

}  // namespace stele::securing
