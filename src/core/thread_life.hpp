// thread_life.hpp: whether a thread is still there.
//
// A thread that ends folds what it has, in a destructor of its pthread key. One that counts for the
// first time in the last round of such destructors has nobody to do it. The kernel tells of its
// end: it marks the robust mutexes that a thread holds as its owner's legacy, before the thread's
// memory is given away.
//
//   life.begin();                        // the thread, when it attaches
//   life.end();                          // the thread, when it has folded what it has
//   if (each.life.ended()) fold(each);   // another: it ended and did not fold
//
// Threads: begin() and end() on the thread itself; ended() on any, one at a time.

#pragma once

#include <pthread.h>

#include <cerrno>

namespace stele::core {

class thread_life {
 public:
  thread_life() = default;
  thread_life(thread_life const&) = delete;
  thread_life& operator=(thread_life const&) = delete;

  /// Again in the child of a fork, where the thread has another number.
  void begin() noexcept {
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
    pthread_mutex_init(&held_, &attributes);
    pthread_mutexattr_destroy(&attributes);
    pthread_mutex_trylock(&held_);
  }

  void end() noexcept {
    pthread_mutex_unlock(&held_);
    pthread_mutex_destroy(&held_);
  }

  /// Whether the thread is gone. True once: what it left is the caller's.
  [[nodiscard]] bool ended() noexcept {
    if (pthread_mutex_trylock(&held_) != EOWNERDEAD) return false;
    pthread_mutex_consistent(&held_);
    end();
    return true;
  }

 private:
  pthread_mutex_t held_;
};

}  // namespace stele::core
