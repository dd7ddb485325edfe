// serve_agents.cpp: from the options and the files that they name to agents that run.

#include <chrono>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include "agents/identities.hpp"
#include "agents/running.hpp"
#include "agents/settings.hpp"
#include "core/absolute_path.hpp"
#include "secure/reloader.hpp"
#include "secure/tls_session.hpp"
#include "secure/yaml_tree.hpp"
#include "stele/agents.hpp"

namespace stele::core {

using namespace pushing;

namespace {

/// All that is wrong, of all files, a line each.
struct faults {
  std::string text;

  void add(std::string const& more) {
    if (!more.empty()) text.append(text.empty() ? "" : "\n").append(more);
  }
};

void take_settings(agents_options const& options, running_parts& to, faults& wrong) {
  securing::problems seen;
  to.settings = settings_of(options, seen);
  to.settings.peers.token_file = absolute_path(options.peer_token_file);
  to.settings.peers.ca_file = absolute_path(options.peer_ca_file);
  std::string const file = absolute_path(options.config_file);
  if (!file.empty()) {
    securing::file_set files;
    auto const text = files.read(file, securing::configuration_bytes_max);
    if (text)
      read_settings(file, *text, to.settings, seen);
    else
      seen.add(file, {},
               "expected the agents' configuration file, saw that it " + text.error().message);
  }
  if (seen.empty()) check_settings(file, to.settings, seen);
  wrong.add(seen.text());
}

void take_tokens(agents_options const& options, std::chrono::milliseconds interval,
                 running_parts& to, faults& wrong) {
  if (options.tokens_file.empty() == (options.directory == nullptr))
    return wrong.add("serve_agents: expected tokens_file or directory, saw " +
                     std::string(options.directory == nullptr ? "neither" : "both") +
                     "; name a file with a line TOKEN USER_ID WORKSPACE_ID for each agent");
  to.directory = options.directory;
  if (options.directory != nullptr) return;
  std::string const file = absolute_path(options.tokens_file);
  auto loaded = identity_file::load(file);
  wrong.add(loaded.fault);
  if (loaded.made) to.tokens = std::make_unique<identity_file>(file, std::move(loaded), interval);
}

void take_peers(std::chrono::milliseconds interval, running_parts& to, faults& wrong) {
  std::string const& file = to.settings.peers.token_file;
  if (file.empty()) return;
  bool const sends = !to.settings.peers.urls.empty();
  auto loaded = peer_tokens::load(file, sends);
  wrong.add(loaded.fault);
  if (loaded.made)
    to.peers = std::make_unique<peer_tokens>(file, sends, std::move(loaded), interval);
}

void take_web_config(agents_options const& options, std::chrono::milliseconds interval,
                     running_parts& to, faults& wrong) {
  if (options.web_config_file.empty()) return;
  securing::sources const from{absolute_path(options.web_config_file), {}, true};
  auto loaded = securing::load_settings(from);
  wrong.add(loaded.fault);
  if (!loaded.made) return;
  to.factory = std::make_shared<securing::secure_factory>(
      std::make_shared<securing::reloader>(from, std::move(loaded), interval));
}

serve_options serve_options_of(agents_options const& from) {
  return {.address = from.address,
          .port = from.port,
          .connections_max = from.connections_max,
          .header_bytes_max = from.header_bytes_max,
          .header_time_max = from.header_time_max,
          .body_time_max = from.body_time_max,
          .request_time_max = from.request_time_max,
          .idle_time_max = from.idle_time_max,
          .write_time_max = from.write_time_max,
          .drain_time_max = from.drain_time_max,
          .socket_mode = from.socket_mode};
}

}  // namespace

result<agents> serve_agents(std::span<table_link* const> tables, collect_observer observe,
                            agents_options const& options) {
  auto const interval = serving::to_chrono(options.reload_check_time);
  running_parts parts;
  faults wrong;
  take_settings(options, parts, wrong);
  take_tokens(options, interval, parts, wrong);
  take_peers(interval, parts, wrong);
  take_web_config(options, interval, parts, wrong);
  if (!wrong.text.empty())
    return error{std::make_error_code(std::errc::invalid_argument), std::move(wrong.text)};
  auto const all = std::make_shared<running>(std::move(parts), tables, observe);
  if (auto failed = all->start(serve_options_of(options))) return *std::move(failed);
  return to_agents(all);
}

}  // namespace stele::core
