// endpoint.cpp: the endpoint as its user holds it: a thread that runs a listener and its sessions.

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <unistd.h>

#include <csignal>
#include <memory>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "core/summary_window.hpp"
#include "serve/handler_counts.hpp"
#include "serve/listener.hpp"
#include "stele/serve.hpp"

namespace stele {

using namespace serving;

class [[gnu::visibility("hidden")]] endpoint::impl {
 public:
  impl(std::span<core::table_link* const> tables, serve_options const& options)
      : context_(std::make_shared<session_context>()),
        listener_(std::make_shared<listener>(io_, context_)),
        tick_(io_),
        drain_(io_) {
    context_->tables.assign(tables.begin(), tables.end());
    context_->options = options;
  }
  ~impl() { stop(); }

  /// Whether this is the process that made it. The thread is not in the child of a fork.
  [[nodiscard]] bool is_here() const noexcept { return process_ == ::getpid(); }

  std::optional<error> start() {
    for (view const& each : context_->options.views)
      if (auto failed = context_->views.add(each)) return failed;
    if (auto failed = listener_->open()) return failed;
    context_->options.address = {};  // not the endpoint's memory
    context_->options.views = {};
    listener_->run();
    do_tick();
    // A signal to the process is for its own threads: the endpoint's inherits a full mask.
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    std::optional<error> failed;
    try {
      thread_ = std::thread([this] { run(); });
    } catch (std::system_error const& failure) {
      failed =
          error{failure.code(), "serve: expected to start a thread, saw '" +
                                    failure.code().message() + "'; raise the limit on processes"};
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return failed;
  }

  /// Any thread, several at once.
  void stop() noexcept {
    if (!is_here()) return;
    std::lock_guard const one_at_a_time(stopping_);
    if (!thread_.joinable()) return;
    net::post(io_, [this] { do_stop(); });
    thread_.join();
    for (session* each : context_->open) each->abandon_gather();
  }

  [[nodiscard]] std::uint16_t port() const noexcept { return is_here() ? listener_->port() : 0; }

 private:
  void run() {
    for (;;) {
      try {
        io_.run();
        return;
      } catch (std::bad_alloc const&) {
        // The session whose handler it was has ended; the others, and the listener, go on.
      }
    }
  }

  /// Summaries' windows move on without a scrape too.
  void do_tick() {
    core::tick_summary_epoch();
    tick_.expires_after(std::chrono::seconds(10));
    tick_.async_wait([this](beast::error_code ec) {
      if (!ec) do_tick();
    });
  }

  void do_stop() {
    listener_->close();
    tick_.cancel();
    context_->draining = true;
    auto const open = context_->open;
    for (session* each : open) each->drain();
    drain_.expires_after(to_chrono(context_->options.drain_time_max));
    drain_.async_wait([this](beast::error_code) { io_.stop(); });
    do_await_sessions();
  }

  /// Ends the thread as soon as no session is left, at the latest after drain_time_max.
  void do_await_sessions() {
    if (context_->open.empty()) {
      drain_.cancel();
      return;
    }
    tick_.expires_after(std::chrono::milliseconds(5));
    tick_.async_wait([this](beast::error_code) { do_await_sessions(); });
  }

  pid_t const process_ = ::getpid();
  net::io_context io_{1};
  std::shared_ptr<session_context> context_;
  std::shared_ptr<listener> listener_;
  net::steady_timer tick_;
  net::steady_timer drain_;
  std::mutex stopping_;
  std::thread thread_;
};

endpoint::endpoint(impl* running) noexcept : impl_(running) {}
endpoint::endpoint(endpoint&& other) noexcept : impl_(std::exchange(other.impl_, nullptr)) {}
endpoint& endpoint::operator=(endpoint&& other) noexcept {
  if (this != &other) {
    endpoint const ended(std::move(*this));
    impl_ = std::exchange(other.impl_, nullptr);
  }
  return *this;
}
endpoint::~endpoint() {
  // A forked child has no thread to join.
  if (impl_ != nullptr && impl_->is_here()) delete impl_;
}

std::uint16_t endpoint::port() const noexcept { return impl_ ? impl_->port() : 0; }

void endpoint::stop() noexcept {
  if (impl_) impl_->stop();
}

namespace core {

result<endpoint> serve(std::span<table_link* const> tables, serve_options const& options) {
  for (table_link* table : tables) handler_counts::instance().feed(*table);
  auto made = std::make_unique<endpoint::impl>(tables, options);
  if (auto failed = made->start()) return *std::move(failed);
  return endpoint(made.release());
}

}  // namespace core

}  // namespace stele
