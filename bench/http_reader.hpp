// http_reader.hpp: a scraper as small as it can be, the same for every server that is measured.
//
//   bench::http_reader reader(port, "gzip");            // 127.0.0.1
//   reader.scrape();                                    // GET /metrics; throws std::runtime_error
//   bench::samples_of("up", bench::gunzip(reader.body()));   // scrape() does not decompress
//
// It keeps its connection where the server does, and its memory: a scrape costs it the reading
// alone. It reads bodies with a Content-Length, in chunks, and to the connection's end.
//
// Threads: one.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

class http_reader {
 public:
  /// `encoding`: what Accept-Encoding says.
  http_reader(std::uint16_t port, std::string_view encoding);
  ~http_reader();
  http_reader(http_reader const&) = delete;
  http_reader& operator=(http_reader const&) = delete;

  /// Reads a whole response, whose status has to be 200. A kept connection that the server has
  /// closed meanwhile is made anew.
  void scrape();

  /// Of the last response: the header in lower case, and the body without what its chunks add, as
  /// it was sent.
  [[nodiscard]] std::string header() const;
  [[nodiscard]] std::string body() const;

 private:
  void connect();
  void close();
  bool send_request();
  bool receive();  // false at the connection's end
  [[nodiscard]] std::string_view received() const { return {buffer_.data(), received_}; }
  bool receive_header();
  void receive_body();
  void receive_chunks();

  std::uint16_t port_;
  std::string request_;
  int socket_ = -1;
  std::vector<char> buffer_;
  std::size_t received_ = 0;
  std::size_t header_bytes_ = 0;
  bool chunked_ = false;
};

/// What gzip made, decompressed. Throws std::runtime_error.
std::string gunzip(std::string_view compressed);

/// How many lines begin with `name`, which no comment's does.
std::size_t samples_of(std::string_view name, std::string_view text);

}  // namespace bench
