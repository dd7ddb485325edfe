// request_reader.hpp: from the bytes of a connection to one request after the other.
//
//   request_reader reader(16 * 1024);
//   auto const room = reader.room();
//   reader.commit(receive(room.data(), room.size()));
//   if (reader.read() == request_reader::whole) answer(reader.request());
//   reader.next();                              // what else has come is the next request's
//
// It takes no memory after the first requests, unless one is larger. What has come of later
// requests is bounded by the room: nobody reads on while a request is answered. Bodies are not
// read. Threads: one.

#pragma once

#include <boost/beast/http/parser.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory_resource>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "serve/asio.hpp"
#include "serve/header_scan.hpp"
#include "serve/request.hpp"

namespace stele::serving {

class request_reader {
 public:
  enum outcome : std::uint8_t {
    more,     // bytes are needed
    whole,    // the header, which is in request()
    refused,  // what has come is no request that may be answered: see refusal()
  };
  struct refused_with {
    http::status status;
    std::string_view why;  // a sentence for the client
  };

  /// Past 1 GiB the bound is that.
  explicit request_reader(std::size_t header_bytes_max)
      : header_bytes_max_(std::min(header_bytes_max, std::size_t{1} << 30)) {}

  /// Where the next bytes belong; never empty. REQUIRES: read() said more. Throws std::bad_alloc.
  [[nodiscard]] std::span<char> room();
  void commit(std::size_t bytes) noexcept { end_ += bytes; }
  /// Whether anything of a request has come.
  [[nodiscard]] bool begun() const noexcept { return end_ != 0; }

  /// Looks at what has come. Throws std::bad_alloc.
  outcome read();
  [[nodiscard]] request_type const& request() const noexcept { return parser_->get(); }
  [[nodiscard]] bool has_request() const noexcept { return parser_.has_value(); }
  [[nodiscard]] refused_with refusal() const noexcept { return refusal_; }

  /// Forgets the request.
  void next() noexcept;

 private:
  using parser = http::request_parser<http::empty_body, request_allocator>;

  outcome parse();
  outcome refuse(http::status status, std::string_view why) noexcept;
  outcome refuse(header_scan::state seen) noexcept;

  std::size_t header_bytes_max_;
  std::vector<char> bytes_;
  std::size_t end_ = 0;  // of what has come
  header_scan scan_;
  std::array<std::byte, 4096> first_fields_;  // enough for what scrapers send
  std::pmr::monotonic_buffer_resource fields_{first_fields_.data(), first_fields_.size()};
  std::optional<parser> parser_;  // ends before the memory of its fields
  refused_with refusal_{};
};

}  // namespace stele::serving
