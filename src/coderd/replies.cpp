// replies.cpp: JSON responses.

#include "replies.hpp"

#include <boost/json/serialize.hpp>

#include "clock.hpp"

namespace service {

namespace json = boost::json;

http_response reply(http_request const& request, http::status status, json::value const& body) {
  http_response response{status, request.version()};
  response.set(http::field::content_type, "application/json");
  response.set(http::field::cache_control, "no-store");
  response.keep_alive(request.keep_alive());
  response.body() = json::serialize(body) + "\n";
  response.prepare_payload();
  return response;
}

http_response error_reply(http_request const& request, http::status status,
                          std::string_view message) {
  return reply(request, status, json::object{{"message", std::string{message}}});
}

http::status status_of(reason why) noexcept {
  switch (why) {
    case reason::bad_input: return http::status::bad_request;
    case reason::forbidden: return http::status::forbidden;
    case reason::not_found: return http::status::not_found;
    case reason::conflict: return http::status::conflict;
    case reason::busy: return http::status::service_unavailable;
  }
  return http::status::internal_server_error;
}

json::object to_json(user const& shown) {
  return {{"id", shown.id},
          {"username", shown.username},
          {"status", shown.active ? "active" : "dormant"},
          {"created_at", to_text(shown.created_at)}};
}

json::object to_json(workspace const& shown) {
  json::object variables;
  for (auto const& [name, value] : shown.spec.variables) variables[name] = value;
  return {{"id", shown.id},
          {"name", shown.spec.name},
          {"owner_id", shown.spec.owner_id},
          {"owner_name", shown.spec.owner_name},
          {"template", shown.spec.template_name},
          {"variables", std::move(variables)},
          {"size_kib", shown.spec.size_kib},
          {"status", to_text(shown.status)},
          {"latest_build_id", shown.build_id.empty() ? json::value{} : json::value(shown.build_id)},
          {"build_active", shown.build_active},
          {"created_at", to_text(shown.created_at)}};
}

json::object to_json(build const& shown) {
  json::object object{{"id", shown.id},
                      {"workspace_id", shown.workspace_id},
                      {"transition", to_text(shown.transition)},
                      {"status", to_text(shown.status)},
                      {"created_at", to_text(shown.created_at)}};
  if (shown.status == build_status::succeeded) {
    object["files"] = shown.outcome.files;
    object["bytes"] = shown.outcome.bytes;
  }
  if (shown.status == build_status::failed) object["error"] = shown.outcome.error;
  return object;
}

json::object to_json(workspace_change const& shown) {
  auto object = to_json(shown.workspace);
  if (shown.build.id.empty())
    object["build"] = nullptr;
  else
    object["build"] = to_json(shown.build);
  return object;
}

}  // namespace service
