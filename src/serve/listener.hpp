// listener.hpp: accepts connections and makes sessions of them.
//
//   auto const accepting = std::make_shared<listener>(io, context);
//   if (auto failure = accepting->open(options)) return *failure;      // a port that is in use
//   accepting->run();
//
// Where memory or descriptors are short it pauses, and tries again.
//
// Threads: the endpoint's strand; open() and port() before it runs; close() any.

#pragma once

#include <boost/asio/posix/basic_stream_descriptor.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>

#include "serve/asio.hpp"
#include "serve/context.hpp"
#include "serve/handler_memory.hpp"
#include "serve/listening_socket.hpp"
#include "stele/result.hpp"

namespace stele::serving {

class listener : public std::enable_shared_from_this<listener> {
 public:
  explicit listener(std::shared_ptr<session_context> context);
  ~listener() { close(); }
  listener(listener const&) = delete;
  listener& operator=(listener const&) = delete;

  /// Binds the address of the options. Nothing, or why it could not.
  std::optional<error> open(serve_options const& options);
  void run() noexcept;
  /// From here on nothing of it is due. REQUIRES: the context is draining.
  void drain() noexcept;
  /// The address is free when this returns.
  void close() noexcept;

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

 private:
  void do_wait() noexcept;
  void on_ready(beast::error_code ec) noexcept;
  bool accept_one();
  void make_session(accepted from);
  void look_again(std::chrono::milliseconds in) noexcept;

  handler_memory memory_;
  std::shared_ptr<session_context> context_;
  std::mutex mutex_;  // guards what is closed
  listening_socket socket_;
  net::posix::basic_stream_descriptor<executor> ready_;  // does not own the socket
  timer again_;
  bool waits_ = false;  // for a connection
  std::uint16_t port_ = 0;
};

}  // namespace stele::serving
