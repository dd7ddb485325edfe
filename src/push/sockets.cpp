#include "push/sockets.hpp"

#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <exception>
#include <mutex>
#include <vector>

namespace stele::sending {

namespace {

struct sockets {
  std::mutex mutex;
  std::vector<curl_socket_t> open;
};

/// Never destroyed: a destructor of the program may fork.
sockets& all() {
  static sockets& made = *new sockets;
  return made;
}

void before_fork() { all().mutex.lock(); }
void after_fork() { all().mutex.unlock(); }
void after_fork_in_child() {
  for (curl_socket_t const each : all().open) ::close(each);
  all().open.clear();
  all().mutex.unlock();
}

void survive_forks() {
  static bool const registered = pthread_atfork(before_fork, after_fork, after_fork_in_child) == 0;
  static_cast<void>(registered);
}

/// When this library is loaded, so that no fork finds the first call in the middle of this.
[[maybe_unused]] bool const ready = (static_cast<void>(all()), survive_forks(), true);

}  // namespace

curl_socket_t open_socket(void*, curlsocktype, curl_sockaddr* address) noexcept try {
  sockets& noted = all();
  std::lock_guard const no_fork(noted.mutex);
  noted.open.reserve(noted.open.size() + 1);
  curl_socket_t const opened =
      ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  if (opened != CURL_SOCKET_BAD) noted.open.push_back(opened);
  return opened;
} catch (std::exception const&) {
  return CURL_SOCKET_BAD;
}

int close_socket(void*, curl_socket_t socket) noexcept {
  sockets& noted = all();
  std::lock_guard const no_fork(noted.mutex);
  // A pusher that the parent made is destroyed in no child; one whose socket the child has closed
  // would close what has its number now.
  auto const found = std::ranges::find(noted.open, socket);
  if (found == noted.open.end()) return 0;
  noted.open.erase(found);
  return ::close(socket);
}

}  // namespace stele::sending
