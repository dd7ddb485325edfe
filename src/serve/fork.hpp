// fork.hpp: listening sockets in the child of a fork().
//
// The child has copies of the parent's sockets and nobody who accepts. It closes those that listen,
// so that the port is free as soon as the parent gives it up, and no client waits for the child.
//
//   close_in_child(acceptor.native_handle());
//
// Threads: any.

#pragma once

namespace stele::serving {

/// From here on the child of a fork closes this socket.
void close_in_child(int listening_socket);
/// The socket is closed.
void forget_in_child(int listening_socket) noexcept;

}  // namespace stele::serving
