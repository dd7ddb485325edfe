// agent.cpp: a small agent, which nobody scrapes: it pushes its metrics. Its table is agent.md.
//
//   stele compile agent.md -o agent.hpp
//   g++ -std=c++20 -I. agent.cpp -o agent $(pkg-config --cflags --libs stele-push)
//   ./agent http://127.0.0.1:2113 USER-ID WORKSPACE-ID [TOKEN-FILE]
//
// Each line of its input is a command, which it counts. It pushes every 15 seconds, after a line
// `push` at once, and a last time when its input ends.

#include <agent.hpp>

#include <chrono>
#include <iostream>
#include <string>

using agent::metric;

int main(int argc, char** argv) {
  if (argc < 4 || argc > 5) {
    std::cerr << "usage: agent URL USER-ID WORKSPACE-ID [TOKEN-FILE]\n";
    return 2;
  }
  // What a push could not do goes to the agent's log; it tries again by itself.
  stele::on_diagnostic([](stele::diagnostic const& seen) { std::cerr << seen.message << '\n'; });

  auto pusher =
      stele::push<agent::table>({.url = argv[1],
                                 .job = "agent",
                                 .grouping = {{"user_id", argv[2]}, {"workspace_id", argv[3]}},
                                 .token_file = argc == 5 ? argv[4] : "",
                                 .interval = std::chrono::seconds(15)});
  if (!pusher) {
    std::cerr << pusher.error().message << '\n';
    return 1;
  }
  auto const session = metric<"agent_sessions">.track();
  for (std::string line; std::getline(std::cin, line);) {
    auto const timer = metric<"agent_command_seconds">.time();
    metric<"agent_commands_total">.with({.kind = line == "ls" ? "shell" : "other"}).inc();
    if (line != "push") continue;
    auto const said = pusher->push_now();
    std::cout << (said ? "pushed " + said->body : said.error().message) << std::endl;
  }
}
