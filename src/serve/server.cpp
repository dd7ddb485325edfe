#include "serve/server.hpp"

#include <boost/asio/bind_allocator.hpp>

#include <chrono>
#include <exception>
#include <mutex>
#include <string>
#include <utility>

#include "core/diagnostics.hpp"
#include "core/summary_window.hpp"
#include "serve/option_check.hpp"
#include "serve/session.hpp"
#include "serve/view_check.hpp"

namespace stele::serving {

server::server(net::io_context& io, std::span<core::table_link* const> tables,
               serve_options const& options, serve_extras extras)
    : context_(std::make_shared<session_context>(io, tables, options, std::move(extras))),
      listener_(std::make_shared<listener>(context_)),
      tick_(context_->strand) {}

std::optional<error> server::start(serve_options const& options) {
  if (auto wrong = objection_to(options)) return wrong;
  for (view const& each : options.views) {
    if (auto failed = context_->views.add(each)) return failed;
    report_doubts(each);
  }
  if (auto failed = listener_->open(options)) return failed;
  context_->options.address = {};  // not ours
  context_->options.views = {};
  context_->post([self = shared_from_this()] {
    self->listener_->run();
    self->do_tick();
  });
  return std::nullopt;
}

/// What no table has may be pushed. It may also be misspelt.
void server::report_doubts(view const& of) {
  for (std::string const& doubt : doubts_about(of, context_->tables)) {
    core::report_limit each_is_said;
    core::report(each_is_said, diagnostic::kind::configuration, "", doubt);
  }
}

/// Summaries' windows move on without a scrape too.
void server::do_tick() noexcept try {
  core::tick_summary_epoch();
  tick_.expires_after(std::chrono::seconds(10));
  tick_.async_wait([self = shared_from_this()](beast::error_code ec) {
    if (!ec && !self->context_->draining) self->do_tick();
  });
} catch (std::exception const&) {
  // Scrapes and observations move the windows on, too.
}

void server::stop(bool waits) noexcept {
  listener_->close();
  try {
    context_->post(net::bind_allocator(handler_allocator<void>(memory_),
                                       [self = shared_from_this()] { self->do_stop(); }));
  } catch (std::exception const&) {
    // Connections are cut below, or end by themselves.
  }
  if (!waits) return;
  std::unique_lock lock(context_->mutex);
  context_->changed.wait_for(lock, to_chrono(context_->options.drain_time_max),
                             [&] { return context_->open.empty(); });
  for (session* each : context_->open) each->shut_down();
}

/// The bound comes first: where there is no memory for one, nobody is waited for.
void server::do_stop() noexcept {
  if (std::exchange(context_->draining, true)) return;
  tick_.cancel();
  listener_->drain();
  bool const bounded = start_drain();
  context_->for_each_open([&](session& each) { bounded ? each.drain() : each.close(); });
  context_->end_if_drained();
}

bool server::start_drain() noexcept try {
  context_->drain.expires_after(to_chrono(context_->options.drain_time_max));
  context_->drain.async_wait([context = context_](beast::error_code) {
    context->for_each_open([](session& each) { each.close(); });
  });
  return true;
} catch (std::exception const&) {
  return false;
}

}  // namespace stele::serving
