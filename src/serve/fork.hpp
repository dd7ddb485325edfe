// fork.hpp: sockets in the child of a fork(), and in a program that the process starts.
//
// The child has copies of the parent's sockets and nobody who accepts or answers. It closes them,
// those that listen and those of clients, so that the port is free as soon as the parent gives it
// up, and no client waits for the child. All are closed on exec: a child that was made without
// fork's handlers, as posix_spawn() does, has none either.
//
//   parents_socket noted;
//   int const opened = noted.open([&] { return ::accept4(from, nullptr, nullptr, SOCK_CLOEXEC); });
//   noted.forget();   // or its end: from here on the child of a fork leaves it alone
//
// Threads: any.

#pragma once

#include <sys/stat.h>

#include "stele/api.hpp"

namespace stele::serving {

/// Notes a socket that the child of a fork closes, from its opening to the end of this object.
/// Whoever uses the socket closes it. That may be earlier: what has its number by then is not
/// touched.
class parents_socket {
 public:
  parents_socket() noexcept = default;
  STELE_API parents_socket(parents_socket&& other) noexcept;
  parents_socket& operator=(parents_socket&& other) noexcept;
  ~parents_socket() { forget(); }

  /// Opens a socket without a fork in between: open() returns its descriptor, or -1 and sets errno,
  /// as this does. REQUIRES: it opens with SOCK_CLOEXEC, and does not wait. Throws std::bad_alloc.
  template <class Open>
  int open(Open open) {
    lock const no_fork;
    reserve();
    int const descriptor = open();
    if (descriptor >= 0) note(descriptor);
    return descriptor;
  }
  STELE_API void forget() noexcept;

 private:
  struct lock {
    lock() noexcept;
    ~lock();
  };
  static void reserve();
  void note(int descriptor) noexcept;

  int descriptor_ = -1;
  ino_t inode_ = 0;  // tells the socket from a later one with its number
};

}  // namespace stele::serving
