// authorization.hpp: what an Authorization field says.
//
//   auto const said = read_authorization("Basic YWxpY2U6c2VjcmV0");
//   said.is == credentials::scheme::basic && said.user == "alice" && said.secret == "secret"
//
// Threads: pure functions.

#pragma once

#include <string>
#include <string_view>

#include "stele/api.hpp"

namespace stele::securing {

struct STELE_API credentials {
  enum class scheme { none, basic, bearer };  // none: another one, or broken
  scheme is = scheme::none;
  std::string user;    // of basic
  std::string secret;  // the password or the token

  credentials() = default;
  credentials(credentials&&) noexcept = default;
  credentials& operator=(credentials&&) noexcept = default;
  ~credentials();  // overwrites the secret
};

/// RFC 7617 and RFC 6750. Where base64 is not exact, or there is no colon, it is as if nothing were
/// said.
STELE_API credentials read_authorization(std::string_view field);

}  // namespace stele::securing
