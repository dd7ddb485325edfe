#include "secure/settings.hpp"

#include <openssl/ssl.h>

#include <utility>

#include "secure/tls_settings.hpp"
#include "secure/yaml_tree.hpp"

namespace stele::securing {

namespace {

/// Of an address whose clients have tokens already. Its answers are few and short.
void keep_tls_alone(std::string const& file, web_config& config, loaded_settings& into,
                    problems& seen) {
  if (!config.users.empty())
    seen.add(file, {},
             "basic_auth_users: expected none, since agents have tokens, saw some; remove the key, "
             "or write a file of its own for the agents' address");
  auto const note = [&](std::string const& key) {
    into.notes.push_back(file + ": note: " + key + " has no effect at the agents' address");
  };
  if (!config.headers.empty()) note("http_server_config.headers");
  if (config.rate_limit.interval.count() != 0) note("rate_limit");
  config.headers.clear();
  config.rate_limit = {};
}

void take_web_config(sources const& from, settings& to, loaded_settings& into, problems& seen) {
  std::string const& file = from.web_config;
  auto const text = into.files.read(file, configuration_bytes_max);
  if (!text)
    return seen.add(file, {},
                    "expected a web configuration file, saw that it " + text.error().message);
  auto config = read_web_config(file, *text, seen);
  if (!config) return;
  if (from.tls_alone) keep_tls_alone(file, *config, into, seen);
  if (config->tls) to.tls = make_tls_context(*config->tls, file, into.files, seen, into.notes);
  if (config->tls && config->http2_asked)
    into.notes.push_back(file +
                         ": note: http_server_config.http2: true has no effect: this endpoint "
                         "speaks HTTP/1.1, which every scraper does");
  std::string fields;
  for (auto const& [name, value] : config->headers)
    fields.append(name).append(": ").append(value).append("\r\n");
  if (!fields.empty()) to.fields = std::make_shared<std::string const>(std::move(fields));
  to.users = std::move(config->users);
  to.rate_limit = config->rate_limit;
}

void take_tokens(std::string const& file, settings& to, loaded_settings& into, problems& seen) {
  auto const text = into.files.read(file, configuration_bytes_max);
  if (!text)
    return seen.add(file, {},
                    "expected a file of bearer tokens, saw that it " + text.error().message);
  to.tokens = read_tokens(file, *text, seen);
}

}  // namespace

loaded_settings load_settings(sources const& from) {
  loaded_settings into;
  problems seen;
  auto made = std::make_shared<settings>();
  if (!from.web_config.empty()) take_web_config(from, *made, into, seen);
  if (!from.tokens.empty()) take_tokens(from.tokens, *made, into, seen);
  into.fault = seen.text();
  if (seen.empty()) into.made = std::move(made);
  return into;
}

}  // namespace stele::securing
