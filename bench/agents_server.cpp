// What is measured of ours: an endpoint and its agents' port, with their defaults.
//
//   agents_server TOKENS-FILE                  says `metrics PORT`, then `agents PORT`; runs until
//                                              it is ended by a signal

#include <coderd.hpp>
#include <stele/agents.hpp>
#include <stele/serve.hpp>

#include <unistd.h>

#include <cstdio>

namespace {

int report(stele::error const& fault) {
  std::fprintf(stderr, "agents_server: %s\n", fault.message.c_str());
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: agents_server TOKENS-FILE\n");
    return 2;
  }
  auto const agents = stele::serve_agents<coderd::table>({.port = 0, .tokens_file = argv[1]});
  if (!agents) return report(agents.error());
  auto const endpoint = stele::serve<coderd::table>({.port = 0});
  if (!endpoint) return report(endpoint.error());
  std::printf("metrics %u\nagents %u\n", static_cast<unsigned>(endpoint->port()),
              static_cast<unsigned>(agents->port()));
  std::fflush(stdout);
  for (;;) ::pause();
}
