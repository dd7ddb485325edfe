#include "serve/chunk_decoder.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/none.hpp>

#include <cstring>

namespace stele::serving {

namespace {

/// The parser reads chunks behind a header alone. The request's own has been read by another one.
constexpr std::string_view header = "PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";

/// `0 CRLF CRLF`: no body is shorter, and of less Beast's parser may expect more than there is.
constexpr std::size_t body_bytes_min = 5;

}  // namespace

chunk_decoder::chunk_decoder(std::size_t beside_max) : beside_max_(beside_max) {
  body_limit(boost::none);
  beast::error_code ec;
  put(net::buffer(header), ec);
  eager(true);  // all chunks that have come are read at once
}

chunk_decoder::step chunk_decoder::decode(std::span<char> bytes) {
  if (ended() || (!begun_ && bytes.size() < body_bytes_min)) return {};
  begun_ = true;
  to_ = bytes.data();
  line_ = bytes.data();
  step made;
  beast::error_code ec;
  while (made.read < bytes.size() && !ended() && !ec)
    made.read += put(net::buffer(bytes.data() + made.read, bytes.size() - made.read), ec);
  made.decoded = static_cast<std::size_t>(to_ - bytes.data());
  if (ended()) count_line(bytes.data() + made.read);
  std::size_t const unread = ended() ? 0 : bytes.size() - made.read;
  bool const is_wrong = ec && ec != http::error::need_more;
  made.failed = is_wrong || beside_ + beside_in(unread) > beside_max_;
  return made;
}

/// Of a line of so many bytes, what it could do without.
std::size_t chunk_decoder::beside_in(std::size_t line_bytes) noexcept {
  constexpr std::size_t usual = 24;  // a length, and the line ends around it
  return line_bytes > usual ? line_bytes - usual : 0;
}

void chunk_decoder::count_line(char const* end) noexcept {
  beside_ += beside_in(static_cast<std::size_t>(end - line_));
}

void chunk_decoder::on_chunk_header_impl(std::uint64_t size, beast::string_view extensions,
                                         beast::error_code& ec) {
  if (size == 0) return;  // the last one's line is counted with the trailers
  chunk_rest_ = size;
  count_line(extensions.data() + extensions.size() + 2);
  if (beside_ > beside_max_) ec = http::error::header_limit;
}

std::size_t chunk_decoder::on_chunk_body_impl(std::uint64_t, beast::string_view part,
                                              beast::error_code&) {
  line_ = part.data() + part.size();
  std::memmove(to_, part.data(), part.size());
  to_ += part.size();
  chunk_rest_ -= part.size();
  return part.size();
}

}  // namespace stele::serving
