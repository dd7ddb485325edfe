// api.hpp: the HTTP API: a request in, a response out. No sockets here.
//
// One thread calls it, the network's; the stores behind it are shared with the workers.
//
//   POST   /api/v2/users                              {"username"}
//   GET    /api/v2/users, /api/v2/users/{user}
//   PUT    /api/v2/users/{user}/status/suspend, …/activate
//   DELETE /api/v2/users/{user}
//   POST   /api/v2/workspaces    {"name", "owner_id", "template", "variables"?, "size_kib"?}
//   GET    /api/v2/workspaces, /api/v2/workspaces/{workspace}, …/builds
//   POST   /api/v2/workspaces/{workspace}/builds      {"transition": "start" | "stop" | "delete"}
//   DELETE /api/v2/workspaces/{workspace}             the same as the transition "delete"
//   GET    /api/v2/workspaces/{workspace}/watch       a websocket, see watch_session.hpp
//   GET    /api/v2/workspacebuilds/{build}
//
// An error is {"message": …} with a status of 400 or above.

#pragma once

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "builds.hpp"
#include "routes.hpp"
#include "users.hpp"
#include "workspaces.hpp"

namespace service {

namespace http = boost::beast::http;
using http_request = http::request<http::string_body>;
using http_response = http::response<http::string_body>;

class api {
 public:
  api(user_store& users, workspace_store& workspaces, build_service& builds)
      : users_{users}, workspaces_{workspaces}, builds_{builds} {}

  /// Answers a request, whatever it asks for, and counts it.
  [[nodiscard]] http_response handle(http_request const& request);

  /// Answers and counts what the HTTP parser or a bound refused. `request` has what could be read.
  [[nodiscard]] http_response refuse(http_request const& request, http::status status,
                                     std::string_view message);

  /// The id of the workspace to watch, if `request` is a complete websocket handshake for one that
  /// exists; it is counted as answered with 101. Empty: handle() says what is wrong with it.
  [[nodiscard]] std::optional<std::string> accept_watch(http_request const& request);

  [[nodiscard]] workspace_store& workspaces() noexcept { return workspaces_; }

 private:
  http_response answer(http_request const& request, route_match const& route);
  http_response perform(http_request const& request, action what, std::string_view id);
  http_response create_workspace(http_request const& request);
  http_response delete_user(http_request const& request, std::string_view id);

  user_store& users_;
  workspace_store& workspaces_;
  build_service& builds_;
};

}  // namespace service
