// header_scan.hpp: whether bytes can be the header of an HTTP/1 request, before they are parsed.
//
// Beast's parser is lenient where two servers in a row may read a request differently. What is
// ambiguous is refused here, and nonsense as early as it can be seen, so that a TLS client on a
// plain port does not wait for a header that never ends.
//
//   header_scan scan;
//   scan.look(bytes);                    // whatever has come, again and again
//   if (scan.state() == header_scan::ended) parse(bytes.substr(scan.begin(), scan.end()));
//
// Threads: one.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace stele::serving {

class header_scan {
 public:
  enum state : std::uint8_t {
    more,           // no end yet
    ended,          // with the empty line
    not_http,       // no request line of HTTP/1
    other_version,  // of HTTP, neither 1.0 nor 1.1
    bad_line,       // a control character, a bare CR or LF, a folded line
    too_many,       // fields
  };

  static constexpr std::size_t fields_max = 128;

  /// `bytes` are those of the last call and what has come since. Returns the new state.
  state look(std::string_view bytes) noexcept;

  /// Where the request line begins: one empty line before it is skipped (RFC 9112, 2.2).
  [[nodiscard]] std::size_t begin() const noexcept { return begin_; }
  /// How many bytes were looked at: up to the header's end, where it has ended.
  [[nodiscard]] std::size_t end() const noexcept { return at_; }

 private:
  state step(std::string_view bytes) noexcept;
  state end_line(std::string_view line) noexcept;

  std::size_t begin_ = 0;
  std::size_t at_ = 0;          // the next byte
  std::size_t line_begin_ = 0;  // of the line that `at_` is in
  std::size_t lines_ = 0;       // that have ended
  bool after_cr_ = false;
};

}  // namespace stele::serving
