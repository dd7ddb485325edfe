#include "serve/routes.hpp"

#include <boost/beast/http/field.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/http/verb.hpp>

#include <algorithm>

#include "serve/asio.hpp"
#include "serve/scrape_timeout.hpp"

namespace stele::serving {

using exposition::negotiation;

namespace {

/// Hands each field of a name to something that adds them up.
template <class Sum>
Sum sum_of(request_type const& request, http::field name) {
  Sum sum;
  auto const [begin, end] = request.equal_range(name);
  for (auto field = begin; field != end; ++field) sum.add(to_std(field->value()));
  return sum;
}

struct target {
  std::string_view path;
  std::string_view query;
};

/// Splits a target in origin form, which begins with its path, or in absolute form, as a proxy
/// sends it: there, no path is the root.
target split(std::string_view whole) noexcept {
  std::size_t const scheme = std::min(whole.find_first_of("/:?#"), whole.size());
  bool const is_absolute = scheme != 0 && whole.substr(scheme).starts_with("://");
  if (is_absolute) {
    whole.remove_prefix(scheme + 3);
    whole.remove_prefix(std::min(whole.find_first_of("/?#"), whole.size()));
  }
  whole = whole.substr(0, whole.find('#'));
  std::string_view const path = whole.substr(0, whole.find('?'));
  whole.remove_prefix(std::min(path.size() + 1, whole.size()));
  return {path.empty() && is_absolute ? page_path : path, whole};
}

/// What of the metrics is asked for, and how.
void add_exposition(answer& to, request_type const& request, negotiation const& accepted,
                    kept_view const* view, std::string_view query) {
  name_query names;
  if (auto const wrong = names.parse(query); !wrong.empty()) {
    to.kind = answer_kind::text;
    to.status = http::status::bad_request;
    to.text = wrong;
    return;
  }
  to.query = query;
  to.exposition = accepted.answer();
  to.coding = sum_of<encoding_choice>(request, http::field::accept_encoding).answer();
  to.timeout = parse_scrape_timeout(to_std(request["X-Prometheus-Scrape-Timeout-Seconds"]));
  to.part = selection(view, names);
}

bool is_reading(request_type const& request) noexcept {
  return request.method() == http::verb::get || request.method() == http::verb::head;
}

/// Of a path that is no part of the metrics.
answer_kind kind_of(std::string_view path, negotiation const& accepted) noexcept {
  if (path == metrics_path) return answer_kind::metrics;
  if (path == page_data_path) return answer_kind::page_data;
  if (path == page_path) return accepted.wants_page() ? answer_kind::page : answer_kind::metrics;
  return answer_kind::text;
}

}  // namespace

bool asks_health(request_type const& request) {
  return is_reading(request) && split(to_std(request.target())).path == healthy_path;
}

answer route(request_type const& request, view_set const& views) {
  answer result;
  result.close = has_body(request);
  if (!is_reading(request)) {
    result.status = http::status::method_not_allowed;
    result.text = "expected GET or HEAD\n";
    return result;
  }
  auto const [path, query] = split(to_std(request.target()));
  auto const accepted = sum_of<negotiation>(request, http::field::accept);
  kept_view const* const view = views.find(path);
  result.kind = view != nullptr ? answer_kind::metrics : kind_of(path, accepted);
  if (result.kind != answer_kind::text) {
    add_exposition(result, request, accepted, view, query);
  } else if (path == healthy_path) {
    result.text = "OK\n";
  } else {
    result.status = http::status::not_found;
    result.text = views.not_found();
  }
  return result;
}

}  // namespace stele::serving
