// http_connection.hpp: a client that sends requests as they are and throws the answers' bodies
// away, so that reading costs it as little as it can.
//
//   bench::http_connection server(port);                // 127.0.0.1, connected
//   server.send("GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
//   while (!server.receive()) continue;                 // waits for the next part
//   server.status(); server.body_bytes();
//
// It reads bodies with a Content-Length and in chunks, and keeps its connection; a server that
// closes it is an error. Errors are std::runtime_error.
//
// Threads: one.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

class http_connection {
 public:
  explicit http_connection(std::uint16_t port);
  ~http_connection();
  http_connection(http_connection const&) = delete;
  http_connection& operator=(http_connection const&) = delete;

  /// A whole request, once the answer to the one before has been received.
  void send(std::string_view request);
  /// Reads what is there, waiting for it where nothing is; whether that was the answer's end.
  bool receive();

  /// Of the answer that has been received.
  [[nodiscard]] int status() const noexcept { return status_; }
  [[nodiscard]] std::size_t body_bytes() const noexcept { return body_bytes_; }

  [[nodiscard]] int socket() const noexcept { return socket_; }

 private:
  enum class part : std::uint8_t { header, body, chunk_line, chunk, chunk_end, last_line, end };

  void take_header(std::string_view header);
  void take_chunk_line(std::string_view line);
  void take(std::string_view received);
  /// A line without its end, put together where it came in parts; whether it is whole.
  bool take_line(std::string_view& received);
  void take_bytes(std::string_view& received, part next);

  int socket_ = -1;
  std::vector<char> buffer_;
  part at_ = part::end;
  std::string line_;      // what of the header or of a chunk's line has been received
  std::size_t left_ = 0;  // of a body or a chunk
  int status_ = 0;
  std::size_t body_bytes_ = 0;
};

}  // namespace bench
