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
  step made;
  beast::error_code ec;
  while (made.read < bytes.size() && !ended() && !ec)
    made.read += put(net::buffer(bytes.data() + made.read, bytes.size() - made.read), ec);
  made.decoded = static_cast<std::size_t>(to_ - bytes.data());
  made.failed = ec == http::error::need_more ? bytes.size() - made.read > beside_max_ : bool(ec);
  return made;
}

void chunk_decoder::count_beside(std::size_t bytes, beast::error_code& ec) noexcept {
  beside_ += bytes;
  if (beside_ > beside_max_) ec = http::error::header_limit;
}

void chunk_decoder::on_field_impl(http::field, beast::string_view name, beast::string_view value,
                                  beast::error_code& ec) {
  count_beside(name.size() + value.size(), ec);
}

void chunk_decoder::on_chunk_header_impl(std::uint64_t size, beast::string_view extensions,
                                         beast::error_code& ec) {
  chunk_rest_ = size;
  count_beside(extensions.size(), ec);
}

std::size_t chunk_decoder::on_chunk_body_impl(std::uint64_t, beast::string_view part,
                                              beast::error_code&) {
  std::memmove(to_, part.data(), part.size());
  to_ += part.size();
  chunk_rest_ -= part.size();
  return part.size();
}

}  // namespace stele::serving
