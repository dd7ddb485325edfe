// endpoint.cpp: the endpoint as its user holds it: on a thread of its own, or on a user's context.

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/system/system_error.hpp>

#include <unistd.h>

#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include "core/signals_blocked.hpp"
#include "serve/extras.hpp"
#include "serve/handler_counts.hpp"
#include "serve/server.hpp"
#include "stele/serve.hpp"
#include "stele/serve_on.hpp"

namespace stele {

using namespace serving;

class [[gnu::visibility("hidden")]] endpoint::impl {
 public:
  virtual ~impl() = default;
  virtual void stop() noexcept = 0;
  [[nodiscard]] virtual std::uint16_t port() const noexcept = 0;

  /// Whether this is the process that made it. The thread is not in the child of a fork.
  [[nodiscard]] bool is_here() const noexcept { return process_ == ::getpid(); }

 private:
  pid_t const process_ = ::getpid();
};

namespace {

/// An io_context and the server that it runs; the thread that does keeps them.
class own_context {
 public:
  own_context(std::span<core::table_link* const> tables, serve_options const& options,
              serve_extras extras)
      : server_(std::make_shared<server>(io_, tables, options, std::move(extras))) {}

  [[nodiscard]] server& of() noexcept { return *server_; }
  [[nodiscard]] bool runs_here() { return io_.get_executor().running_in_this_thread(); }

  void run() {
    for (;;) {
      try {
        io_.run();
        return;
      } catch (std::exception const&) {  // no memory; Asio throws a system_error for it, too
        // What it was for has ended; the others go on.
      }
    }
  }
  /// run() returns now.
  void end() noexcept {
    server_->end();
    io_.stop();
  }
  /// run() returns when nothing is left to do. REQUIRES: runs_here().
  void end_when_done() noexcept { work_.reset(); }

 private:
  net::io_context io_{1};
  net::executor_work_guard<net::io_context::executor_type> work_{io_.get_executor()};
  std::shared_ptr<server> server_;
};

class on_own_thread final : public endpoint::impl {
 public:
  on_own_thread(std::span<core::table_link* const> tables, serve_options const& options,
                serve_extras extras)
      : context_(std::make_shared<own_context>(tables, options, std::move(extras))) {}
  ~on_own_thread() override { on_own_thread::stop(); }

  std::optional<error> start(serve_options const& options) {
    if (auto failed = context_->of().start(options)) return failed;
    try {
      core::signals_blocked const meanwhile;
      thread_ = std::thread([context = context_] { context->run(); });
    } catch (std::system_error const& failure) {
      return error{failure.code(), "serve: expected to start a thread, saw '" +
                                       failure.code().message() +
                                       "'; raise the limit on processes"};
    }
    return std::nullopt;
  }

  void stop() noexcept override {
    if (context_->runs_here()) return stop_here();
    std::lock_guard const one_at_a_time(stopping_);
    if (!thread_.joinable()) return;
    context_->of().stop(true);
    context_->end();
    thread_.join();
  }

  [[nodiscard]] std::uint16_t port() const noexcept override { return context_->of().port(); }

 private:
  /// On the endpoint's own thread, as in a callback of on_diagnostic(): it cannot wait for itself.
  void stop_here() noexcept {
    std::unique_lock const one_at_a_time(stopping_, std::try_to_lock);
    if (!one_at_a_time || !thread_.joinable()) return;  // somebody else stops it, or has
    context_->of().stop(false);
    context_->end_when_done();
    thread_.detach();  // it keeps the context
  }

  std::shared_ptr<own_context> context_;
  std::mutex stopping_;
  std::thread thread_;
};

class on_users_context final : public endpoint::impl {
 public:
  on_users_context(net::io_context& io, std::span<core::table_link* const> tables,
                   serve_options const& options, serve_extras extras)
      : io_(io), server_(std::make_shared<server>(io, tables, options, std::move(extras))) {}
  ~on_users_context() override { on_users_context::stop(); }

  std::optional<error> start(serve_options const& options) { return server_->start(options); }

  void stop() noexcept override {
    std::lock_guard const one_at_a_time(stopping_);
    if (std::exchange(stopped_, true)) return;
    // Whoever runs the context would wait for himself.
    bool const may_wait = !io_.get_executor().running_in_this_thread() && !io_.stopped();
    server_->stop(may_wait);
  }

  [[nodiscard]] std::uint16_t port() const noexcept override { return server_->port(); }

 private:
  net::io_context& io_;
  std::shared_ptr<server> server_;
  std::mutex stopping_;
  bool stopped_ = false;
};

template <class Impl, class... Arguments>
result<endpoint> start(serve_options const& options, Arguments&&... arguments) try {
  auto made = std::make_unique<Impl>(std::forward<Arguments>(arguments)...);
  if (auto failed = made->start(options)) return *std::move(failed);
  return endpoint(made.release());
} catch (boost::system::system_error const& failure) {
  // Asio's own descriptors, of which it needs three.
  auto const code = failure.code();
  return error{std::error_code(code.value(), std::system_category()),
               "serve: expected descriptors for an io_context, saw '" + code.message() +
                   "'; raise the limit on open files"};
}

}  // namespace

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

std::uint16_t endpoint::port() const noexcept {
  return impl_ != nullptr && impl_->is_here() ? impl_->port() : 0;
}

void endpoint::stop() noexcept {
  if (impl_ != nullptr && impl_->is_here()) impl_->stop();
}

namespace core {

result<endpoint> serve(std::span<table_link* const> tables, serve_options const& options) {
  return serve(tables, options, serve_extras{});
}

result<endpoint> serve_on(boost::asio::io_context& io, std::span<table_link* const> tables,
                          serve_options const& options) {
  return serve(tables, options, serve_extras{}, &io);
}

result<endpoint> serve(std::span<table_link* const> tables, serve_options const& options,
                       serve_extras extras, boost::asio::io_context* io) {
  for (table_link* table : tables) handler_counts::instance().feed(*table);
  if (io == nullptr) return start<on_own_thread>(options, tables, options, std::move(extras));
  return start<on_users_context>(options, *io, tables, options, std::move(extras));
}

}  // namespace core

}  // namespace stele
