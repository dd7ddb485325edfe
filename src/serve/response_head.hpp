// response_head.hpp: the header of an answer, written into memory that is used again.
//
//   response_head head;
//   head.begin(11, http::status::ok);
//   head.field("Content-Type", "text/plain");
//   head.end();
//   send(head.text());
//
// Threads: one.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "serve/asio.hpp"

namespace stele::serving {

class response_head {
 public:
  /// `version` as Beast has it: 11 is HTTP/1.1. All of these throw std::bad_alloc.
  void begin(unsigned version, http::status status);
  /// REQUIRES: neither has a line end in it.
  void field(std::string_view name, std::string_view value);
  void field(std::string_view name, std::size_t value);
  /// Fields as they are sent: each `name: value\r\n`.
  void lines(std::string_view fields) { text_ += fields; }
  /// Those of `fields` whose names `own` has not: what an answer says of itself goes first.
  void lines_but(std::string_view fields, std::string_view own);
  void end() { text_ += "\r\n"; }
  /// The line before a chunk of the body. Anything may follow end().
  void chunk_size(std::size_t bytes);
  void clear() noexcept { text_.clear(); }

  [[nodiscard]] std::string_view text() const noexcept { return text_; }

 private:
  std::string text_;
};

}  // namespace stele::serving
