// actions.cpp: what each route does.

#include "api.hpp"
#include "failure.hpp"
#include "json.hpp"
#include "replies.hpp"

namespace service {

http_response api::perform(http_request const& request, action what, std::string_view id) {
  using http::status;
  auto const answer = [&](status code, auto const& body) { return reply(request, code, body); };
  auto const build = [&](transition change) {
    return answer(status::created, to_json(builds_.request(id, change)));
  };

  switch (what) {
    case action::healthz: return answer(status::ok, boost::json::object{{"status", "ok"}});

    case action::list_users: return answer(status::ok, to_json("users", users_.list()));
    case action::create_user: {
      auto const body = parse_object(request.body());
      json_fields fields{body};
      auto const username = fields.text("username");
      fields.refuse_others();
      return answer(status::created, to_json(users_.create(username)));
    }
    case action::get_user: return answer(status::ok, to_json(users_.get(id)));
    case action::suspend_user: return answer(status::ok, to_json(users_.suspend(id)));
    case action::activate_user: return answer(status::ok, to_json(users_.activate(id)));
    case action::delete_user: return delete_user(request, id);

    case action::list_workspaces:
      return answer(status::ok, to_json("workspaces", workspaces_.list()));
    case action::create_workspace: return create_workspace(request);
    case action::get_workspace: return answer(status::ok, to_json(workspaces_.get(id)));
    case action::delete_workspace: return build(transition::remove);

    case action::list_builds:
      return answer(status::ok, to_json("builds", workspaces_.builds_of(id)));
    case action::create_build: {
      auto const body = parse_object(request.body());
      json_fields fields{body};
      auto const change = parse_transition(fields.text("transition"));
      fields.refuse_others();
      return build(change);
    }
    case action::get_build: return answer(status::ok, to_json(workspaces_.get_build(id)));

    case action::watch_workspace: {
      auto const watched = workspaces_.get(id);
      auto response =
          error_reply(request, status::upgrade_required,
                      "expected a websocket handshake of version 13, to watch " + watched.id);
      response.set(http::field::sec_websocket_version, "13");
      response.set(http::field::upgrade, "websocket");
      response.set(http::field::connection, "upgrade");
      return response;
    }
  }
  return error_reply(request, status::internal_server_error, "a route without an action");
}

http_response api::create_workspace(http_request const& request) {
  auto const body = parse_object(request.body());
  json_fields fields{body};
  workspace_spec spec;
  spec.name = fields.text("name");
  spec.owner_id = fields.text("owner_id");
  spec.template_name = fields.text("template");
  spec.variables = fields.texts("variables");
  spec.size_kib = fields.integer_or("size_kib", spec.size_kib, 1, size_kib_max);
  fields.refuse_others();

  auto const owner = users_.get(spec.owner_id);
  if (!owner.active)
    throw failure{reason::conflict, "owner_id: the user is dormant; activate the user first"};
  spec.owner_name = owner.username;
  auto const made = workspaces_.create(std::move(spec));
  auto body_of_made = to_json(made);
  std::string const token = workspaces_.find_agent(made.id).value().token;
  if (!token.empty()) body_of_made["agent_token"] = token;  // shown this once
  return reply(request, http::status::created, body_of_made);
}

http_response api::delete_user(http_request const& request, std::string_view id) {
  auto const leaving = users_.get(id);
  // No workspace of the user can appear in between: only this thread creates them.
  if (workspaces_.owns_any(leaving.id))
    throw failure{reason::conflict, "the user owns workspaces; delete them first"};
  users_.remove(leaving.id);
  return reply(request, http::status::ok, to_json(leaving));
}

}  // namespace service
