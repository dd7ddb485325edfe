// settings.hpp: all that the files say, read together and never changed.
//
//   auto const loaded = load_settings({"/etc/service/web.yml", ""});
//   if (!loaded.made) return error{…, loaded.fault};
//
// Threads: a settings object may be used by any number of threads at once.

#pragma once

#include <openssl/types.h>

#include <memory>
#include <string>
#include <vector>

#include "secure/files.hpp"
#include "secure/passwords.hpp"
#include "secure/tokens.hpp"
#include "secure/web_config.hpp"
#include "stele/api.hpp"

namespace stele::securing {

/// Absolute paths; empty: none.
struct sources {
  std::string web_config;
  std::string tokens;
  bool tls_alone = false;  // of the web configuration: who may ask is known otherwise
};

struct settings {
  std::shared_ptr<SSL_CTX> tls;               // null: plain HTTP
  std::shared_ptr<std::string const> fields;  // of every answer, each `name: value\r\n`; or null
  user_list users;
  token_set tokens;
  rate_limit_config rate_limit;

  /// Else everyone may ask.
  [[nodiscard]] bool authenticates() const noexcept { return !users.empty() || !tokens.empty(); }
};

struct loaded_settings {
  std::shared_ptr<settings const> made;  // null where something is wrong
  std::string fault;                     // all that is wrong, a line each
  std::vector<std::string> notes;        // what is served all the same, and yet is worth a word
  file_set files;                        // all that were read
};

/// Throws std::bad_alloc.
STELE_API loaded_settings load_settings(sources const& from);

}  // namespace stele::securing
