// options.hpp: the command line.

#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <string>
#include <variant>

namespace service {

struct options {
  boost::asio::ip::tcp::endpoint api;      // port 0: a free one is picked
  boost::asio::ip::tcp::endpoint metrics;  // the same
  unsigned workers = 1;                    // threads that run builds, 1 to 64
  std::string license_file;                // empty: the built-in evaluation licence
};

/// The options, or the exit status when the program has nothing more to do: 0 after --help, 2
/// after an error, which is on stderr by then.
[[nodiscard]] std::variant<options, int> parse_options(int argc, char const* const* argv);

/// `127.0.0.1:3000`, `[::1]:3000`: as a URL has it.
[[nodiscard]] std::string to_text(boost::asio::ip::tcp::endpoint const& where);

}  // namespace service
