#include "serve/request_reader.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/none.hpp>

#include <algorithm>
#include <limits>
#include <new>
#include <string>
#include <tuple>
#include <utility>

namespace stele::serving {

namespace {

/// Of a host and a port (RFC 3986, 3.2.2 and 3.2.3).
constexpr std::string_view host_characters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~%!$&'()*+,;=:[]";

/// A field that may be there once.
struct single_field {
  std::size_t count = 0;
  std::string_view value{};  // of the last one

  void add(beast::string_view said) noexcept {
    ++count;
    value = to_std(said);
  }
};

/// What Beast takes, and two servers in a row could read in two ways.
std::string_view what_is_ambiguous(request_type const& request) noexcept {
  single_field length;
  single_field coding;
  single_field host;
  for (auto const& each : request) switch (each.name()) {
      case http::field::content_length: length.add(each.value()); break;
      case http::field::transfer_encoding: coding.add(each.value()); break;
      case http::field::host: host.add(each.value()); break;
      default: break;
    }
  if (length.count > 1 || length.value.find(',') != std::string_view::npos)
    return "expected one Content-Length\n";
  if (coding.count != 0) {
    if (request.version() < 11) return "expected no Transfer-Encoding in HTTP/1.0\n";
    if (coding.count > 1 || !beast::iequals(coding.value, "chunked"))
      return "expected no Transfer-Encoding but 'chunked'\n";
  }
  if (host.count > 1 || (host.count == 0 && request.version() >= 11))
    return "expected one Host field\n";
  if (host.value.find_first_not_of(host_characters) != std::string_view::npos)
    return "expected a Host field of a host and a port\n";
  return {};
}

}  // namespace

/// One byte more than the bound: a header that is too long is seen to be. In a body there is room
/// for a good part of what has come, at once, so that no read is for a few bytes.
std::span<char> request_reader::room() {
  std::size_t const twice = std::max(first_room_, 2 * capacity_);
  if (in_body_) {
    std::uint64_t const in_all = chunks_ ? twice : scan_.end() + body_length_;
    if (in_all > capacity_ && capacity_ - end_ < capacity_ / 4)
      grow(in_all < twice ? std::min(twice, static_cast<std::size_t>(in_all) + first_room_)
                          : twice);
  } else if (end_ == capacity_) {
    grow(std::min(twice, std::max({header_bytes_max_ + 1, end_ + 1, first_room_})));
  }
  return {bytes_.get() + end_, capacity_ - end_};
}

/// To a capacity, which may be a smaller one.
void request_reader::grow(std::size_t to) {
  auto larger = std::make_unique_for_overwrite<char[]>(to);
  std::copy_n(bytes_.get(), end_, larger.get());
  bytes_ = std::move(larger);
  capacity_ = to;
}

/// No more is looked at than the bound and one byte: what is said of a header does not depend on
/// how much of it came at once.
header_scan::state request_reader::look() noexcept {
  for (;;) {
    std::size_t const begin = scan_.begin();
    std::size_t const most = begin + header_bytes_max_ + 1;
    header_scan::state const seen = scan_.look({bytes_.get(), std::min(end_, most)});
    // An empty line before it is none of it.
    if (seen != header_scan::more || scan_.begin() == begin) return seen;
  }
}

request_reader::outcome request_reader::read() {
  header_scan::state const seen = look();
  if (seen != header_scan::ended && seen != header_scan::more) return refuse(seen);
  if (scan_.end() - scan_.begin() > header_bytes_max_)
    return refuse(http::status::request_header_fields_too_large, "expected a shorter header\n");
  return seen == header_scan::more ? more : parse();
}

request_reader::outcome request_reader::parse() {
  parser_.emplace(std::piecewise_construct, std::make_tuple(),
                  std::make_tuple(request_allocator(&fields_)));
  parser_->header_limit(std::numeric_limits<std::uint32_t>::max());  // it is within ours
  parser_->body_limit(boost::none);                                  // it has its own
  beast::error_code ec;
  parser_->put(net::buffer(bytes_.get() + scan_.begin(), scan_.end() - scan_.begin()), ec);
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

void request_reader::begin_body() {
  in_body_ = true;
  if (parser_->chunked())
    chunks_.emplace(header_bytes_max_);
  else
    body_length_ = parser_->content_length().value_or(0);
}

request_reader::outcome request_reader::read_body() {
  if (chunks_) return read_chunks();
  std::size_t const came = end_ - scan_.end();
  body_bytes_ = came < body_length_ ? came : static_cast<std::size_t>(body_length_);
  return body_bytes_ == body_length_ ? whole : more;
}

/// What is not decoded yet follows what is, so that lines between chunks take no room.
request_reader::outcome request_reader::read_chunks() {
  std::size_t const begin = scan_.end() + body_bytes_;
  auto const step = chunks_->decode({bytes_.get() + begin, end_ - begin});
  if (step.failed) {
    refusal_ = {http::status::bad_request,
                "expected chunks, each with its length and CR LF around it, and few extensions and "
                "trailers\n"};
    return refused;
  }
  std::copy(bytes_.get() + begin + step.read, bytes_.get() + end_,
            bytes_.get() + begin + step.decoded);
  end_ -= step.read - step.decoded;
  body_bytes_ += step.decoded;
  return chunks_->ended() ? whole : more;
}

std::size_t request_reader::body_bytes_known() const noexcept {
  constexpr std::size_t most = std::numeric_limits<std::size_t>::max();
  std::uint64_t const rest = chunks_ ? chunks_->chunk_rest() : body_length_ - body_bytes_;
  return rest < most - body_bytes_ ? body_bytes_ + static_cast<std::size_t>(rest) : most;
}

void request_reader::release() noexcept {
  std::size_t const taken = scan_.end() + body_bytes_;
  if (taken != 0) std::copy(bytes_.get() + taken, bytes_.get() + end_, bytes_.get());
  end_ -= taken;
  scan_ = {};
  in_body_ = false;
  body_length_ = body_bytes_ = 0;
  chunks_.reset();
  constexpr std::size_t kept_max = 64 * 1024;
  if (capacity_ <= std::max(kept_max, first_room_)) return;
  if (end_ == 0) {
    bytes_.reset();
    capacity_ = 0;
  } else if (end_ <= kept_max) {
    try {
      grow(kept_max);
    } catch (std::bad_alloc const&) {
      // It is given back when there is memory again, or with the connection.
    }
  }
}

void request_reader::next() noexcept {
  parser_.reset();
  fields_.release();
  release();
}

}  // namespace stele::serving
