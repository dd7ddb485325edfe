// sockets.hpp: the sockets of libcurl in the child of a fork(), and in a program that is started.
//
// The child has copies of them and nobody who uses them. It closes them, so that a connection ends
// when the parent closes it. All are closed on exec.
//
//   curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
//   curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, close_socket);
//
// Threads: any. The lock is the last one that is taken: nothing but memory is asked for under it.

#pragma once

#include <curl/curl.h>

namespace stele::sending {

curl_socket_t open_socket(void* nothing, curlsocktype purpose, curl_sockaddr* address) noexcept;
int close_socket(void* nothing, curl_socket_t socket) noexcept;

}  // namespace stele::sending
