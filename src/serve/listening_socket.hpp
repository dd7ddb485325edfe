// listening_socket.hpp: the socket that an address of the options stands for.
//
//   listening_socket socket;
//   if (auto failure = socket.open(options)) return *failure;      // a port that is in use
//   int const accepted = ::accept4(socket.descriptor(), …);
//
// An address is an IP address, `unix:` and a path, or `unix:@` and a name that no file stands for.
// A socket file that a killed process has left is replaced; one behind which somebody listens is
// not. The file goes with the socket, unless another one has taken its place.
//
// Threads: one at a time.

#pragma once

#include <boost/asio/generic/stream_protocol.hpp>

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

#include "serve/fork.hpp"
#include "stele/result.hpp"
#include "stele/serve.hpp"

namespace stele::serving {

class listening_socket {
 public:
  listening_socket() = default;
  listening_socket(listening_socket const&) = delete;
  listening_socket& operator=(listening_socket const&) = delete;
  ~listening_socket() { close(); }

  /// Binds and listens. Nothing, or why it could not.
  std::optional<error> open(serve_options const& options);
  /// Closes, and removes the file. Later calls do nothing.
  void close() noexcept;

  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
  [[nodiscard]] boost::asio::generic::stream_protocol protocol() const noexcept {
    return protocol_;
  }
  /// 0 where it has none.
  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

 private:
  std::optional<error> open_ip(serve_options const& options);
  std::optional<error> open_unix(serve_options const& options);
  int open_socket(int family);
  int bind_file(void const* to, std::uint32_t size);

  parents_socket noted_;
  int descriptor_ = -1;
  boost::asio::generic::stream_protocol protocol_{0, 0};
  std::uint16_t port_ = 0;
  std::string file_;  // empty: none
  dev_t device_ = 0;  // tells our file from a later one
  ino_t inode_ = 0;
};

}  // namespace stele::serving
