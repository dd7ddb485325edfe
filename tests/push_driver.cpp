// push_driver.cpp: a push client as a test wants it: options as NAME=VALUE, then commands a line
// each on its input, each answered by a line.
//
//   push_driver url=http://127.0.0.1:9091 job=j label.user_id=u1 body=protobuf interval=1000
//
// Commands: `push`, `set NUMBER` (agent_sessions), `observe SECONDS`, `counts`, `stop`. What is
// reported goes to the standard error. `once` as an argument pushes once, and ends.

#include <agent.hpp>

#include <cstdlib>
#include <iostream>
#include <map>
#include <optional>
#include <sstream>
#include <string>

using agent::metric;

namespace {

/// The values of options, which refer to them.
std::map<std::string, std::string> given;

std::string_view text(char const* name) { return given[name]; }

stele::whole_milliseconds time_of(char const* name, stele::whole_milliseconds otherwise) {
  return given[name].empty() ? otherwise : stele::whole_milliseconds(std::atoll(&given[name][0]));
}

stele::push_options options() {
  stele::push_options made;
  made.url = text("url");
  made.job = text("job");
  for (auto const& [name, value] : given)
    if (name.starts_with("label.")) made.grouping.add(name.substr(6), value);
  if (text("method") == "POST") made.method = stele::push_method::post;
  if (text("body") == "protobuf") made.body = stele::format::protobuf;
  if (text("body") == "openmetrics") made.body = stele::format::openmetrics;
  made.gzip = text("gzip") == "yes";
  made.token = text("token");
  made.token_file = text("token_file");
  made.user = text("user");
  made.ca_file = text("ca_file");
  made.interval = time_of("interval", made.interval);
  made.request_time_max = time_of("request_time_max", made.request_time_max);
  made.stop_time_max = time_of("stop_time_max", made.stop_time_max);
  made.remove_at_end = text("remove_at_end") == "yes";
  return made;
}

std::string line_of(stele::result<stele::push_answer> const& said) {
  if (said) return "took " + std::to_string(said->status) + " " + said->body;
  return "failed " + std::to_string(said.error().code.value()) + " " + said.error().message;
}

std::string obey(stele::pusher& pusher, std::string const& line) {
  std::istringstream words(line);
  std::string verb;
  double number = 0;
  words >> verb >> number;
  if (verb == "push") return line_of(pusher.push_now());
  if (verb == "set") metric<"agent_sessions">.set(static_cast<int>(number));
  if (verb == "observe") metric<"agent_command_seconds">.observe(number);
  if (verb == "counts")
    return std::to_string(pusher.pushed()) + " " + std::to_string(pusher.failed());
  if (verb == "stop") pusher.stop();
  return "done";
}

}  // namespace

int main(int argc, char** argv) {
  stele::on_diagnostic(
      [](stele::diagnostic const& seen) { std::cerr << seen.message << std::endl; });
  bool once = false;
  for (int i = 1; i < argc; ++i) {
    std::string const argument = argv[i];
    std::size_t const is = argument.find('=');
    if (is == std::string::npos)
      once = argument == "once";
    else
      given[argument.substr(0, is)] = argument.substr(is + 1);
  }
  metric<"agent_sessions">.set(1);
  metric<"agent_commands_total">.with({.kind = agent::kind::shell}).inc(2);
  metric<"agent_command_seconds">.observe(0.5);
  if (once) {
    auto const said = stele::push_once<agent::table>(options());
    std::cout << line_of(said) << std::endl;
    return said ? 0 : 1;
  }
  auto pusher = stele::push<agent::table>(options());
  if (!pusher) {
    std::cout << pusher.error().message << std::endl;
    return 1;
  }
  std::cout << "runs" << std::endl;
  for (std::string line; std::getline(std::cin, line);)
    std::cout << obey(*pusher, line) << std::endl;
}
