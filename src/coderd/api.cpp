// api.cpp: routing, and the rows that show every request. What a request does is in perform().

#include "api.hpp"

#include <fmt/format.h>

#include <coderd.hpp>

#include "failure.hpp"
#include "json.hpp"
#include "replies.hpp"

using coderd::metric;

namespace service {

namespace {

constexpr std::size_t websocket_key_size = 24;  // 16 bytes in base64

// Counted before the response is written: who has read it finds it counted.
void count(http_request const& request, http::status status, std::string_view path) {
  metric<"coderd_api_requests_processed_total">
      .with({.code = std::to_string(static_cast<unsigned>(status)),
             .method = request.method_string(),
             .path = path})
      .inc();
}

/// The response that `answer(route)` makes, timed and counted.
template <class Answer>
http_response observed(http_request const& request, Answer answer) {
  auto const route = match_route(request.method(), request.target());
  auto const timer = metric<"coderd_api_request_latencies_ms">
                         .with({.method = request.method_string(), .path = route.pattern})
                         .time();
  http_response response = answer(route);
  count(request, response.result(), route.pattern);
  return response;
}

}  // namespace

http_response api::handle(http_request const& request) {
  return observed(request, [&](route_match const& route) { return answer(request, route); });
}

http_response api::refuse(http_request const& request, http::status status,
                          std::string_view message) {
  return observed(request, [&](route_match const&) {
    auto response = error_reply(request, status, message);
    response.keep_alive(false);  // nobody knows where on the connection the next request begins
    return response;
  });
}

std::optional<std::string> api::accept_watch(http_request const& request) {
  auto const route = match_route(request.method(), request.target());
  bool const complete = request[http::field::sec_websocket_version] == "13" &&
                        request[http::field::sec_websocket_key].size() == websocket_key_size;
  if (route.what != action::watch_workspace || !complete || !workspaces_.contains(route.id))
    return {};
  count(request, http::status::switching_protocols, route.pattern);
  return std::string{route.id};
}

http_response api::answer(http_request const& request, route_match const& route) try {
  if (route.what) return perform(request, *route.what, route.id);
  if (route.allow.empty())
    return error_reply(request, http::status::not_found,
                       "no such path; the API begins with /api/v2/users and /api/v2/workspaces");
  bool const asks = request.method() == http::verb::options;
  auto response =
      asks ? reply(request, http::status::ok, boost::json::object{{"allow", route.allow}})
           : error_reply(request, http::status::method_not_allowed,
                         fmt::format("{} has no such method; expected one of {}", route.pattern,
                                     route.allow));
  response.set(http::field::allow, route.allow);
  return response;
} catch (failure const& refused) {
  auto response = error_reply(request, status_of(refused.why()), refused.what());
  if (refused.why() == reason::busy) response.set(http::field::retry_after, "1");
  return response;
} catch (std::exception const& error) {
  fmt::print(stderr, "coderd: {}: {}\n", route.pattern, error.what());
  return error_reply(request, http::status::internal_server_error,
                     "the request failed inside coderd; its log says why");
}

}  // namespace service
