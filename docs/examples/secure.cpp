// secure.cpp: a service whose metrics are behind TLS and authentication.
//
//   secure web.yml             # what the exporters' configuration file says
//   secure web.yml tokens      # and bearer tokens
//   secure - tokens            # bearer tokens alone
//
// Serves on a free port of 127.0.0.1, says which, and ends when its input does.

#include <stele/secure.hpp>

#include <coderd.hpp>

#include <exception>
#include <iostream>
#include <string_view>

using coderd::metric;

int main(int argc, char** argv) try {
  if (argc < 2 || argc > 3) {
    std::cerr << "usage: secure WEB-CONFIG|- [BEARER-TOKENS]\n";
    return 2;
  }
  std::string_view const file = argv[1];

  // What becomes of a changed file, and what is worth a word, goes to the service's log.
  stele::on_diagnostic(
      [](stele::diagnostic const& seen) { std::cerr << seen.message << std::endl; });

  auto endpoint = stele::serve_secure<coderd::table>(
      {.address = "127.0.0.1", .port = 0},
      {.web_config_file = file == "-" ? "" : file,
       .bearer_tokens_file = argc == 3 ? argv[2] : std::string_view()});
  if (!endpoint) {
    std::cerr << endpoint.error().message << '\n';
    return 1;
  }
  metric<"coderd_rtc_client_connections_total">.inc(3);
  std::cout << "port " << endpoint->port() << std::endl;
  while (std::cin.get() != std::char_traits<char>::eof()) {
  }
} catch (std::exception const& failure) {
  std::cerr << failure.what() << '\n';
  return 1;
}
