// web_config.hpp: the web configuration file that Prometheus and its exporters take, as a struct.
//
//   problems seen;
//   auto const config = read_web_config("web.yml", text, seen);
//   if (!config) return error{…, seen.text()};
//
// Checked is what the text alone tells; certificates are looked at by tls_settings.hpp. Each value
// keeps its place, for what is found out about it later. docs/security.md has every key.
//
// Threads: pure functions.

#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "secure/problems.hpp"

namespace stele::securing {

/// A text and where it stands.
struct placed {
  std::string text;
  place where;
};

/// A PEM text, or the file that has it.
struct pem_source {
  std::string key;   // `cert_file`, as the file has it
  std::string text;  // inline
  std::string file;  // as written; empty where the text is inline
  place where;       // of the value
};

enum class tls_version { tls10, tls11, tls12, tls13 };

/// What a client is asked for.
enum class client_auth { none, request, require_any, verify_if_given, require_and_verify };

struct tls_config {
  place where{};
  pem_source certificate{};
  pem_source key{};
  std::optional<pem_source> client_ca{};
  client_auth clients = client_auth::none;
  std::vector<placed> client_names{};  // client_allowed_sans; empty: any
  tls_version least = tls_version::tls12;
  tls_version most = tls_version::tls13;
  std::vector<placed> ciphers{};  // OpenSSL's names, of TLS 1.2 and below; empty: the default
  bool tls13_named = false;       // cipher_suites has one of TLS 1.3
  std::vector<placed> curves{};   // OpenSSL's names; empty: the default
  place ciphers_place{};
  place curves_place{};
  bool prefer_server_ciphers = true;
};

/// A token bucket. Off where the interval is 0.
struct rate_limit_config {
  std::chrono::nanoseconds interval{0};  // in which one token is added
  std::size_t burst = 0;

  bool operator==(rate_limit_config const&) const = default;
};

struct web_config {
  std::optional<tls_config> tls;
  bool http2_asked = false;  // said, not by default
  std::vector<std::pair<std::string, std::string>> headers;
  std::vector<std::pair<std::string, std::string>> users;  // name, bcrypt hash
  rate_limit_config rate_limit;
};

/// Nothing where something is wrong, and then `seen` has all of it. `file` is for messages.
std::optional<web_config> read_web_config(std::string_view file, std::string_view text,
                                          problems& seen);

}  // namespace stele::securing
