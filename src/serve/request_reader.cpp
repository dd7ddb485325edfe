#include "serve/request_reader.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/none.hpp>

#include <algorithm>
#include <limits>
#include <string>
#include <tuple>
#include <utility>

namespace stele::serving {

namespace {

/// Of a host and a port (RFC 3986, 3.2.2 and 3.2.3).
constexpr std::string_view host_characters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~%!$&'()*+,;=:[]";

/// What Beast takes, and two servers in a row could read in two ways.
std::string_view what_is_ambiguous(request_type const& request) noexcept {
  if (request.count(http::field::content_length) > 1 ||
      to_std(request[http::field::content_length]).find(',') != std::string_view::npos)
    return "expected one Content-Length\n";
  if (std::size_t const codings = request.count(http::field::transfer_encoding); codings != 0) {
    if (request.version() < 11) return "expected no Transfer-Encoding in HTTP/1.0\n";
    if (codings > 1 || !beast::iequals(request[http::field::transfer_encoding], "chunked"))
      return "expected no Transfer-Encoding but 'chunked'\n";
  }
  std::size_t const hosts = request.count(http::field::host);
  if (hosts > 1 || (hosts == 0 && request.version() >= 11)) return "expected one Host field\n";
  if (to_std(request[http::field::host]).find_first_not_of(host_characters) !=
      std::string_view::npos)
    return "expected a Host field of a host and a port\n";
  return {};
}

}  // namespace

std::span<char> request_reader::room() {
  constexpr std::size_t first_room = 2048;
  // One byte more than the bound: a header that is too long is seen to be.
  if (end_ == bytes_.size())
    bytes_.resize(
        std::min(std::max(first_room, 2 * bytes_.size()), std::max(header_bytes_max_, end_) + 1));
  return std::span(bytes_).subspan(end_);
}

request_reader::outcome request_reader::read() {
  header_scan::state const seen = scan_.look({bytes_.data(), end_});
  if (seen != header_scan::ended && seen != header_scan::more) return refuse(seen);
  if (scan_.end() - scan_.begin() > header_bytes_max_)
    return refuse(http::status::request_header_fields_too_large, "expected a shorter header\n");
  return seen == header_scan::more ? more : parse();
}

request_reader::outcome request_reader::parse() {
  parser_.emplace(std::piecewise_construct, std::make_tuple(),
                  std::make_tuple(request_allocator(&fields_)));
  parser_->header_limit(std::numeric_limits<std::uint32_t>::max());  // it is within ours
  parser_->body_limit(boost::none);                                  // none is read
  beast::error_code ec;
  parser_->put(net::buffer(bytes_.data() + scan_.begin(), scan_.end() - scan_.begin()), ec);
  if (ec == http::error::bad_content_length || ec == http::error::multiple_content_length)
    return refuse(http::status::bad_request, "expected one Content-Length, a decimal number\n");
  if (ec || !parser_->is_header_done())
    return refuse(http::status::bad_request, "expected an HTTP/1.1 request\n");
  if (std::string_view const why = what_is_ambiguous(parser_->get()); !why.empty())
    return refuse(http::status::bad_request, why);
  return whole;
}

request_reader::outcome request_reader::refuse(http::status status, std::string_view why) noexcept {
  parser_.reset();
  refusal_ = {status, why};
  return refused;
}

request_reader::outcome request_reader::refuse(header_scan::state seen) noexcept {
  switch (seen) {
    case header_scan::other_version:
      return refuse(http::status::http_version_not_supported, "expected HTTP/1.1 or HTTP/1.0\n");
    case header_scan::too_many:
      return refuse(http::status::request_header_fields_too_large, "expected fewer fields\n");
    case header_scan::bad_line:
      return refuse(http::status::bad_request,
                    "expected header lines that end with CR LF, without control characters, and "
                    "none that is folded\n");
    case header_scan::not_http:
    case header_scan::more:
    case header_scan::ended: break;
  }
  return refuse(http::status::bad_request, "expected an HTTP/1.1 request\n");
}

void request_reader::next() noexcept {
  parser_.reset();
  fields_.release();
  std::copy(bytes_.begin() + static_cast<std::ptrdiff_t>(scan_.end()),
            bytes_.begin() + static_cast<std::ptrdiff_t>(end_), bytes_.begin());
  end_ -= scan_.end();
  scan_ = {};
}

}  // namespace stele::serving
