// threads.hpp: signals and the threads of this library.
//
//   std::thread thread = start_without_signals([this] { run(); });
//   no_sigpipe const meanwhile;       // on a thread of the program's
//
// Threads: any.

#pragma once

#include <pthread.h>

#include <csignal>
#include <ctime>
#include <thread>
#include <utility>

#include "core/signals_blocked.hpp"

namespace stele::sending {

/// Throws std::system_error.
template <class Run>
std::thread start_without_signals(Run run) {
  core::signals_blocked const meanwhile;
  return std::thread(std::move(run));
}

/// Where TLS writes to a connection that is gone, this thread gets a SIGPIPE, which is not the
/// program's.
class no_sigpipe {
 public:
  no_sigpipe() noexcept {
    sigset_t pending;
    sigemptyset(&only_);
    sigaddset(&only_, SIGPIPE);
    sigpending(&pending);
    was_pending_ = sigismember(&pending, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &only_, &before_);
  }
  ~no_sigpipe() {
    timespec const at_once{};
    if (!was_pending_) sigtimedwait(&only_, nullptr, &at_once);
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  no_sigpipe(no_sigpipe const&) = delete;
  no_sigpipe& operator=(no_sigpipe const&) = delete;

 private:
  sigset_t only_;
  sigset_t before_;
  bool was_pending_ = false;
};

}  // namespace stele::sending
