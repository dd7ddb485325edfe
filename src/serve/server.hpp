// server.hpp: an endpoint on an io_context, whoever runs that.
//
//   auto const running = std::make_shared<server>(io, tables, options, extras);
//   if (auto failure = running->start(options)) return *failure;
//   …
//   running->stop(true);
//
// Threads: start() before the io_context can reach it; stop() any, several at once.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "serve/asio.hpp"
#include "serve/context.hpp"
#include "serve/handler_memory.hpp"
#include "serve/listener.hpp"
#include "stele/result.hpp"
#include "stele/serve.hpp"

namespace stele::serving {

class server : public std::enable_shared_from_this<server> {
 public:
  server(net::io_context& io, std::span<core::table_link* const> tables,
         serve_options const& options, serve_extras extras);

  std::optional<error> start(serve_options const& options);

  /// Closes the address, and connections of which nothing is answered; others are closed when they
  /// are answered. `waits`: for these, within drain_time_max, and cuts the rest; where nobody runs
  /// the io_context, that is all of them. REQUIRES: it does not wait on a thread that runs it.
  void stop(bool waits) noexcept;
  /// From here on nothing of it reaches for the io_context, as it is where its sessions are gone.
  void end() noexcept { context_->posts->end(); }

  [[nodiscard]] std::uint16_t port() const noexcept { return listener_->port(); }

 private:
  void report_doubts(view const& of);
  void do_tick() noexcept;
  void do_stop() noexcept;
  bool start_drain() noexcept;

  handler_memory memory_;
  std::shared_ptr<session_context> context_;
  std::shared_ptr<listener> listener_;
  timer tick_;
};

}  // namespace stele::serving
