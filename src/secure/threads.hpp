// threads.hpp: a thread of the library's own, which takes no signals and may drop its own owner.
//
//   own_thread thread;
//   thread.start([shared](std::stop_token const& stop) { shared->run(stop); });
//   thread.end();
//
// Threads: the methods are called by one thread at a time; end() may be called on the thread
// itself, which then ends by itself and must hold all that it needs.

#pragma once

#include <stop_token>
#include <thread>
#include <utility>

#include "core/signals_blocked.hpp"

namespace stele::securing {

class own_thread {
 public:
  own_thread() = default;
  ~own_thread() { end(); }
  own_thread(own_thread const&) = delete;
  own_thread& operator=(own_thread const&) = delete;

  [[nodiscard]] bool running() const noexcept { return thread_.joinable(); }

  /// Throws std::system_error.
  template <class Function>
  void start(Function function) {
    core::signals_blocked const meanwhile;
    thread_ = std::thread([run = std::move(function), stop = stop_.get_token()] { run(stop); });
  }

  void end() noexcept {
    stop_.request_stop();
    if (!thread_.joinable()) return;
    if (thread_.get_id() == std::this_thread::get_id())
      thread_.detach();
    else
      thread_.join();
  }

 private:
  std::stop_source stop_;
  std::thread thread_;
};

}  // namespace stele::securing
