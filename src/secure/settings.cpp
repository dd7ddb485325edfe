#include "secure/settings.hpp"

#include <openssl/ssl.h>

#include <utility>

#include "secure/tls_settings.hpp"
#include "secure/yaml_tree.hpp"

namespace stele::securing {

namespace {

void take_web_config(std::string const& file, settings& to, loaded_settings& into, problems& seen) {
  auto const text = into.files.read(file, configuration_bytes_max);
  if (!text)
    return seen.add(file, {},
                    "expected a web configuration file, saw that it " + text.error().message);
  auto config = read_web_config(file, *text, seen);
  if (!config) return;
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
  if (!from.web_config.empty()) take_web_config(from.web_config, *made, into, seen);
  if (!from.tokens.empty()) take_tokens(from.tokens, *made, into, seen);
  into.fault = seen.text();
  if (seen.empty()) into.made = std::move(made);
  return into;
}

}  // namespace stele::securing
