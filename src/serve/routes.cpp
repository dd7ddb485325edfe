#include "serve/routes.hpp"

#include <boost/beast/http/field.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/http/verb.hpp>

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

/// The path of a target in origin form or, as a proxy sends it, in absolute form.
std::string_view path_of(std::string_view target) noexcept {
  for (std::string_view const scheme : {"http://", "https://"}) {
    if (!target.starts_with(scheme)) continue;
    std::size_t const slash = target.find('/', scheme.size());
    target = slash == std::string_view::npos ? "/" : target.substr(slash);
    break;
  }
  return target.substr(0, target.find('?'));
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
    result.exposition = negotiate(to_std(request[http::field::accept]));
  } else if (path == "/-/healthy") {
    result.text = "OK\n";
  } else {
    result.status = http::status::not_found;
    result.text = "nothing is served here; the metrics are on /metrics\n";
  }
  return result;
}

}  // namespace stele::serving
