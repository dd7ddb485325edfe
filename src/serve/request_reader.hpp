// request_reader.hpp: from the bytes of a connection to one request after the other.
//
//   request_reader reader(16 * 1024);
//   auto const room = reader.room();
//   reader.commit(receive(room.data(), room.size()));
//   if (reader.read() == request_reader::whole) answer(reader.request());
//   reader.next();                              // what else has come is the next request's
//
// A body is read where that is asked for, and stands in one piece where it came:
//
//   reader.begin_body();
//   while (reader.read_body() == request_reader::more) receive_into(reader.room());
//   use(reader.body());
//
// It takes no memory after the first requests, unless one is larger; what a large body took it
// gives back. Memory grows with what has come, whatever a client announces. What has come of later
// requests is bounded by the room: nobody reads on while a request is answered. Threads: one.

#pragma once

#include <boost/beast/http/parser.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <memory_resource>
#include <optional>
#include <span>
#include <string_view>

#include "serve/asio.hpp"
#include "serve/chunk_decoder.hpp"
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

  /// For headers; and for bodies of some kilobytes with them, which come in one read.
  static constexpr std::size_t small_room = 2 * 1024;
  static constexpr std::size_t large_room = 16 * 1024;

  /// Past 1 GiB the bound is that. `first_room`: what is taken at first.
  explicit request_reader(std::size_t header_bytes_max, std::size_t first_room = small_room)
      : header_bytes_max_(std::min(header_bytes_max, std::size_t{1} << 30)),
        first_room_(first_room) {}

  /// Where the next bytes belong; never empty. REQUIRES: read() or read_body() said more. Throws
  /// std::bad_alloc.
  [[nodiscard]] std::span<char> room();
  void commit(std::size_t bytes) noexcept { end_ += bytes; }
  /// Whether anything of a request has come.
  [[nodiscard]] bool begun() const noexcept { return end_ != 0; }

  /// Looks at what has come. Throws std::bad_alloc.
  outcome read();
  [[nodiscard]] request_type const& request() const noexcept { return parser_->get(); }
  [[nodiscard]] bool has_request() const noexcept { return parser_.has_value(); }
  [[nodiscard]] refused_with refusal() const noexcept { return refusal_; }

  /// REQUIRES: read() said whole.
  void begin_body();
  /// Looks at what has come of the body: whole is all of it, at once where there is none.
  outcome read_body();
  /// Whether there is one, be it empty chunks. REQUIRES: it was begun.
  [[nodiscard]] bool has_body() const noexcept { return chunks_ || body_length_ != 0; }
  /// Bytes of the body: in all, where that is announced; else so far, with all of the chunk at
  /// hand.
  [[nodiscard]] std::size_t body_bytes_known() const noexcept;
  /// Whether anything of the body has come. REQUIRES: it is not whole.
  [[nodiscard]] bool body_begun() const noexcept { return end_ != scan_.end(); }
  /// What has come of it.
  [[nodiscard]] std::string_view body() const noexcept {
    return {bytes_.get() + scan_.end(), body_bytes_};
  }

  /// Gives back what the request came in, its body too; what request() has stays. REQUIRES: the
  /// body was not begun, or is whole.
  void release() noexcept;
  /// Forgets the request. REQUIRES: as release().
  void next() noexcept;

 private:
  using parser = http::request_parser<http::empty_body, request_allocator>;

  header_scan::state look() noexcept;
  outcome parse();
  outcome refuse(http::status status, std::string_view why) noexcept;
  outcome refuse(header_scan::state seen) noexcept;
  outcome read_chunks();
  void grow(std::size_t to);

  std::size_t header_bytes_max_;
  std::size_t first_room_;
  std::unique_ptr<char[]> bytes_;
  std::size_t capacity_ = 0;  // of bytes_
  std::size_t end_ = 0;       // of what has come
  header_scan scan_;
  bool in_body_ = false;
  std::uint64_t body_length_ = 0;             // that is announced
  std::size_t body_bytes_ = 0;                // that have come and are decoded, behind the header
  std::optional<chunk_decoder> chunks_;       // of a chunked body
  std::array<std::byte, 4096> first_fields_;  // enough for what scrapers send
  std::pmr::monotonic_buffer_resource fields_{first_fields_.data(), first_fields_.size()};
  std::optional<parser> parser_;  // ends before the memory of its fields
  refused_with refusal_{};
};

}  // namespace stele::serving
