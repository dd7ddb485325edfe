// secure.hpp: the endpoint behind TLS and authentication, as the web configuration file of
// Prometheus and its exporters says.
//
//   auto endpoint = stele::serve_secure<coderd::table>({.address = "::", .port = 2112},
//                                                      {.web_config_file = "web.yml"});
//   if (!endpoint) return report(endpoint.error());   // web.yml:3:16: error: …, all of them
//
// A changed file takes effect without a restart; one that is broken leaves everything as it was,
// and is reported to stele::on_diagnostic. docs/security.md has every key of the files.
//
// Threads: as serve(). It has two more threads of its own, one that looks at the files and, from
// the first password on, one that checks them. Link with `stele-secure`.

#pragma once

#include <span>
#include <string_view>

#include "clock.hpp"
#include "result.hpp"
#include "serve.hpp"
#include "serve_on.hpp"
#include "slab.hpp"

namespace stele {

/// File names are relative to the working directory at the time of the call. At least one is given.
struct secure_options {
  std::string_view web_config_file{};           // YAML; what it names is relative to its own folder
  std::string_view bearer_tokens_file{};        // a token a line, or `sha256:` and its hash
  whole_milliseconds reload_check_time{1'000};  // between two looks at the files; 0: never
};

namespace core {
STELE_API result<endpoint> serve_secure(std::span<table_link* const> tables,
                                        serve_options const& options,
                                        secure_options const& security,
                                        boost::asio::io_context* io = nullptr);
}  // namespace core

/// As serve(), for those alone whom the files let in. An error is also what is wrong in the files:
/// its message has a line for each fault, with file, line and column. The strings are not kept.
/// Throws std::bad_alloc, and std::system_error where no thread can be had.
template <class... Tables>
result<endpoint> serve_secure(serve_options const& options, secure_options const& security) {
  return core::serve_secure(core::served<Tables...>(), options, security);
}

/// The same on the caller's context, as serve_on().
template <class... Tables>
result<endpoint> serve_secure_on(boost::asio::io_context& io, serve_options const& options,
                                 secure_options const& security) {
  return core::serve_secure(core::served<Tables...>(), options, security, &io);
}

}  // namespace stele
