// client_names.hpp: whether a client's certificate has one of the names that are allowed.
//
//   if (!has_name(certificate, {"scraper.example.org", "10.0.0.7"})) refuse();
//
// Threads: pure functions.

#pragma once

#include <openssl/types.h>

#include <string>
#include <vector>

namespace stele::securing {

/// Whether a subject alternative name, a DNS name, an IP address, an e-mail address or a URI,
/// equals one of `allowed`. No wildcards, no case folding; of an address, however it is written.
bool has_name(X509* certificate, std::vector<std::string> const& allowed);

}  // namespace stele::securing
