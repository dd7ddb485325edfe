// mailbox.hpp: the way onto an endpoint's strand, from any thread, also for what may outlive the
// endpoint: at its end it forgets the strand, whose io_context may be gone then.
//
//   auto const posts = std::make_shared<mailbox>(strand);
//   posts->post([…] { … });        // from any thread
//   posts->end();                  // from here on nothing is posted
//
// Threads: any.

#pragma once

#include <boost/asio/associated_allocator.hpp>
#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>

#include <exception>
#include <mutex>
#include <optional>
#include <utility>

#include "serve/asio.hpp"

namespace stele::serving {

class mailbox {
 public:
  explicit mailbox(executor to) : to_(std::move(to)) {}

  /// In memory of the function's allocator, on any thread. Throws std::bad_alloc; where there is no
  /// memory later on, the function does not run.
  ///
  /// The way of the strand's own functions too: a strand that has more to do when one of them ends
  /// takes memory of its own in a destructor, and where there is none the process ends. (On an
  /// io_context that several threads run, what completes meanwhile on another one waits for the
  /// strand, too: Asio's strand leaves no way around that.)
  template <class Function>
  void post(Function function) {
    std::lock_guard const lock(mutex_);
    if (!to_) return;
    auto const memory = net::get_associated_allocator(function);
    net::post(
        to_->get_inner_executor(),
        net::bind_allocator(memory, [to = *to_, function = std::move(function)]() mutable noexcept {
          try {
            net::dispatch(to, std::move(function));
          } catch (std::exception const&) {
          }
        }));
  }
  /// Whether this is the strand already, and has not ended.
  [[nodiscard]] bool is_here() noexcept {
    std::lock_guard const lock(mutex_);
    return to_ && to_->running_in_this_thread();
  }
  void end() noexcept {
    std::lock_guard const lock(mutex_);
    to_.reset();
  }

 private:
  std::mutex mutex_;
  std::optional<executor> to_;
};

}  // namespace stele::serving
