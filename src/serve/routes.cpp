#include "serve/routes.hpp"

#include <boost/beast/http/field.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/http/verb.hpp>

#include <algorithm>
#include <string>

namespace stele::serving {

namespace http = boost::beast::http;

namespace {

using request_type = http::request<http::empty_body>;

std::string_view to_std(boost::beast::string_view text) noexcept {
  return {text.data(), text.size()};
}

bool has_body(request_type const& request) {
  if (request.chunked()) return true;
  auto const length = request[http::field::content_length];
  return !length.empty() && length != "0";
}

/// The Accept fields as one list; RFC 9110, 5.3 says that they mean the same.
std::string all_accepted(request_type const& request) {
  std::string joined;
  auto const [begin, end] = request.equal_range(http::field::accept);
  for (auto field = begin; field != end; ++field)
    joined.append(joined.empty() ? "" : ",").append(to_std(field->value()));
  return joined;
}

/// The path of a target in origin form or, as a proxy sends it, in absolute form.
std::string_view path_of(std::string_view target) noexcept {
  if (!target.starts_with('/')) {
    std::size_t const scheme = target.find("://");
    if (scheme != std::string_view::npos) {
      target.remove_prefix(scheme + 3);
      target.remove_prefix(std::min(target.find_first_of("/?#"), target.size()));
    }
  }
  std::string_view const path = target.substr(0, target.find_first_of("?#"));
  return path.empty() ? "/" : path;
}

}  // namespace

answer route(request_type const& request) {
  answer result;
  result.close = has_body(request);
  if (request.method() != http::verb::get && request.method() != http::verb::head) {
    result.status = http::status::method_not_allowed;
    result.text = "expected GET or HEAD\n";
    return result;
  }
  std::string_view const path = path_of(to_std(request.target()));
  if (path == "/metrics" || path == "/") {
    result.scrape = true;
    result.exposition = negotiate(all_accepted(request));
  } else if (path == "/-/healthy") {
    result.text = "OK\n";
  } else {
    result.status = http::status::not_found;
    result.text = "nothing is served here; the metrics are on /metrics\n";
  }
  return result;
}

}  // namespace stele::serving
