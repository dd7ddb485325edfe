#include "serve/fork.hpp"

#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <mutex>
#include <vector>

namespace stele::serving {

namespace {

struct listening_sockets {
  std::mutex mutex;
  std::vector<int> all;
};

listening_sockets& the_sockets() {
  static listening_sockets& made = *new listening_sockets;  // never destroyed: exit may fork
  return made;
}

void before_fork() { the_sockets().mutex.lock(); }
void after_fork() { the_sockets().mutex.unlock(); }
void after_fork_in_child() {
  for (int const each : the_sockets().all) ::close(each);
  the_sockets().all.clear();
  after_fork();
}

}  // namespace

void close_in_child(int listening_socket) {
  [[maybe_unused]] static int const registered =
      pthread_atfork(before_fork, after_fork, after_fork_in_child);
  std::lock_guard const lock(the_sockets().mutex);
  the_sockets().all.push_back(listening_socket);
}

void forget_in_child(int listening_socket) noexcept {
  std::lock_guard const lock(the_sockets().mutex);
  std::erase(the_sockets().all, listening_socket);
}

}  // namespace stele::serving
