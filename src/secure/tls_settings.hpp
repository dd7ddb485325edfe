// tls_settings.hpp: OpenSSL's context out of tls_server_config.
//
//   auto const context = make_tls_context(*config.tls, "/etc/service/web.yml", files, seen, notes);
//   if (!context) return error{…, seen.text()};
//
// Without compression, renegotiation, session tickets and session cache: each connection shows its
// certificate anew. ALPN answers `http/1.1`.
//
// Threads: a context is used by any number of connections of one thread each.

#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "secure/files.hpp"
#include "secure/problems.hpp"
#include "secure/web_config.hpp"

namespace stele::securing {

/// Null where something is wrong, and then `seen` has all of it, with the places of the keys.
/// Relative names are relative to `file`. `notes` gets what is served all the same and yet is worth
/// a word: an expired certificate.
std::shared_ptr<SSL_CTX> make_tls_context(tls_config const& config, std::string const& file,
                                          file_set& files, problems& seen,
                                          std::vector<std::string>& notes);

}  // namespace stele::securing
