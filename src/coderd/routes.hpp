// routes.hpp: from a request's path to the pattern it matches.
//
// The patterns are also the metrics' `path` label, so that a client cannot make series: whatever
// it asks for, it gets a pattern of the program or `unmatched`.

#pragma once

#include <array>
#include <boost/beast/http/verb.hpp>
#include <optional>
#include <ostream>  // verb.hpp uses it without including it
#include <string>
#include <string_view>

namespace service {

/// The one route that is a websocket.
inline constexpr std::string_view watch_path = "/api/v2/workspaces/{workspace}/watch";

/// What a route does; the API has one function for each.
enum class action {
  healthz,
  list_users,
  create_user,
  get_user,
  delete_user,
  suspend_user,
  activate_user,
  list_workspaces,
  create_workspace,
  get_workspace,
  delete_workspace,
  list_builds,
  create_build,
  get_build,
  watch_workspace,
};

/// The `path` label of every request that matches no pattern.
inline constexpr std::string_view unmatched_path = "unmatched";

struct route_match {
  std::string_view pattern = unmatched_path;  // a constant of the program
  std::string_view id;                        // what stands for the pattern's {…}; into the target
  std::optional<action> what;                 // empty: no such path, or not with this method
  std::string allow;                          // the methods that the pattern has, for Allow
};

/// Matches `target` (path and query as sent). HEAD goes where GET goes.
[[nodiscard]] route_match match_route(boost::beast::http::verb method, std::string_view target);

}  // namespace service
