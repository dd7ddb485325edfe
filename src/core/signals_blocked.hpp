// signals_blocked.hpp: a thread of the library's own inherits a full mask, so that a signal to the
// process is for the program's threads.
//
//   signals_blocked const meanwhile;
//   thread_ = std::thread([this] { run(); });
//
// Threads: of the calling thread alone.

#pragma once

#include <pthread.h>

#include <csignal>

namespace stele::core {

class signals_blocked {
 public:
  signals_blocked() noexcept {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~signals_blocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  signals_blocked(signals_blocked const&) = delete;
  signals_blocked& operator=(signals_blocked const&) = delete;

 private:
  sigset_t before_;
};

}  // namespace stele::core
