#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include "core/absolute_path.hpp"
#include "secure/access.hpp"
#include "secure/reloader.hpp"
#include "secure/tls_session.hpp"
#include "serve/extras.hpp"
#include "stele/secure.hpp"

namespace stele::core {

result<endpoint> serve_secure(std::span<table_link* const> tables, serve_options const& options,
                              secure_options const& security, boost::asio::io_context* io) {
  securing::sources const from{absolute_path(security.web_config_file),
                               absolute_path(security.bearer_tokens_file)};
  auto const fault = [](std::string message) {
    return error{std::make_error_code(std::errc::invalid_argument), std::move(message)};
  };
  if (from.web_config.empty() && from.tokens.empty())
    return fault(
        "serve_secure: expected web_config_file or bearer_tokens_file, saw neither; name one, or "
        "use stele::serve for an endpoint without TLS and authentication");
  auto loaded = securing::load_settings(from);
  if (!loaded.made) return fault(std::move(loaded.fault));
  auto const follows = std::make_shared<securing::reloader>(
      from, std::move(loaded), serving::to_chrono(security.reload_check_time));
  return serve(tables, options,
               {.factory = std::make_shared<securing::secure_factory>(follows),
                .guard = std::make_shared<securing::access>(follows)},
               io);
}

}  // namespace stele::core
