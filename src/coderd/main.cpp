// main.cpp: the reference service, from its parts to its end.
//
// The network runs on the main thread, builds on the worker threads, and the metrics endpoint on
// a thread of its own. What a thread needs outlives it: objects are made in the order of use.

#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <chrono>
#include <coderd.hpp>
#include <csignal>
#include <stele/agents.hpp>
#include <stele/diagnostics.hpp>
#include <stele/serve.hpp>
#include <stele_self.hpp>
#include <vector>

#include "agent_tokens.hpp"
#include "api.hpp"
#include "failure.hpp"
#include "files.hpp"
#include "http_server.hpp"
#include "license_rows.hpp"
#include "options.hpp"

namespace service {

namespace {

constexpr std::chrono::seconds drain_time_max{5};  // for responses and websockets at the end

int report(std::string_view message) {
  fmt::print(stderr, "coderd: {}\n", message);
  return 1;
}

/// Takes what agents push, which the metrics endpoint then exposes.
template <class... Tables>
stele::result<stele::agents> serve_agents(options const& chosen, agent_tokens& tokens) {
  std::vector<std::string_view> const peers(chosen.peers.begin(), chosen.peers.end());
  bool const has_file = !chosen.agent_tokens.empty();
  return stele::serve_agents<Tables...>({.address = chosen.agents.address().to_string(),
                                         .port = chosen.agents.port(),
                                         .tokens_file = chosen.agent_tokens,
                                         .directory = has_file ? nullptr : &tokens,
                                         .config_file = chosen.agents_config,
                                         .peer_urls = peers,
                                         .peer_token_file = chosen.peer_tokens});
}

template <class... Tables>
stele::result<stele::endpoint> serve_metrics(options const& chosen) {
  return stele::serve<Tables...>(
      {.address = chosen.metrics.address().to_string(), .port = chosen.metrics.port()});
}

boost::asio::ip::tcp::endpoint with_port(boost::asio::ip::tcp::endpoint where, std::uint16_t port) {
  where.port(port);
  return where;
}

/// Serves until a signal, then drains. A second signal ends the program at once.
void serve_until(boost::asio::signal_set& signals, boost::asio::io_context& network,
                 http_server& server) {
  signals.async_wait([&](boost::system::error_code, int) { network.stop(); });
  server.run();
  network.run();

  signals.clear();
  server.stop();
  network.restart();
  network.run_for(drain_time_max);  // returns earlier when nothing is left
}

int run(options const& chosen) {
  // A file that cannot be read again, a peer that takes no claim: nobody would know otherwise.
  stele::on_diagnostic([](stele::diagnostic const& seen) { report(seen.message); });
  auto const license =
      chosen.license_file.empty() ? evaluation_license() : load_license(chosen.license_file);
  boost::asio::io_context network{1};
  // From here on a signal waits until it is asked for: nobody who reads the addresses is too early.
  boost::asio::signal_set signals{network, SIGINT, SIGTERM};
  temporary_folder const folder;

  user_store users{license};
  license_rows const license_rows{license, users};
  workspace_store workspaces{chosen.agent_tokens.empty()};
  agent_tokens tokens{workspaces};
  auto agents = chosen.self_metrics ? serve_agents<coderd::table, stele_self::table>(chosen, tokens)
                                    : serve_agents<coderd::table>(chosen, tokens);
  if (!agents) return report("--agents: " + agents.error().message);
  workspaces.on_deleted([&](std::string_view id) { agents->remove_workspace(id); });
  builder const builder{folder.path()};
  job_queue jobs{chosen.workers};
  build_service builds{workspaces, jobs, builder};
  api api{users, workspaces, builds};

  http_server server{network, api};
  server.listen(chosen.api);
  auto endpoint = chosen.self_metrics ? serve_metrics<coderd::table, stele_self::table>(chosen)
                                      : serve_metrics<coderd::table>(chosen);
  if (!endpoint) return report("--metrics: " + endpoint.error().message);

  fmt::print("metrics http://{}/metrics\nagents http://{}\napi http://{}\n",
             to_text(with_port(chosen.metrics, endpoint->port())),
             to_text(with_port(chosen.agents, agents->port())), to_text(server.local()));
  std::fflush(stdout);

  serve_until(signals, network, server);
  jobs.stop();  // builds that run are finished, and can be scraped until they are
  agents->stop();
  endpoint->stop();
  return 0;
}

}  // namespace

}  // namespace service

int main(int argc, char** argv) try {
  auto const parsed = service::parse_options(argc, argv);
  if (auto const* const status = std::get_if<int>(&parsed)) return *status;
  return service::run(std::get<service::options>(parsed));
} catch (std::exception const& error) {
  return service::report(error.what());
}
