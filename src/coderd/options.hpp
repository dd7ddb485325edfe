// options.hpp: the command line.

#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <string>
#include <variant>
#include <vector>

namespace service {

struct options {
  boost::asio::ip::tcp::endpoint api;      // port 0: a free one is picked
  boost::asio::ip::tcp::endpoint metrics;  // the same
  boost::asio::ip::tcp::endpoint agents;   // the same
  unsigned workers = 1;                    // threads that run builds, 1 to 64
  std::string license_file;                // empty: the built-in evaluation licence
  bool self_metrics = false;               // the SDK's own rows, too
  std::string agent_tokens;                // a file; empty: those that coderd gives its workspaces
  std::string agents_config;               // a file; empty: none
  std::vector<std::string> peers;          // other coderds' --agents, as URLs
  std::string peer_tokens;                 // a file
};

/// The options, or the exit status when the program has nothing more to do: 0 after --help, 2
/// after an error, which is on stderr by then.
[[nodiscard]] std::variant<options, int> parse_options(int argc, char const* const* argv);

/// `127.0.0.1:3000`, `[::1]:3000`: as a URL has it.
[[nodiscard]] std::string to_text(boost::asio::ip::tcp::endpoint const& where);

}  // namespace service
