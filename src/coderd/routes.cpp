// routes.cpp: the table of routes.

#include "routes.hpp"

namespace service {

namespace {

namespace http = boost::beast::http;
using http::verb;

struct route {
  verb method;
  std::string_view pattern;
  action what;
};

// Routes of one pattern stand together.
constexpr route routes[]{
    {verb::get, "/healthz", action::healthz},
    {verb::get, "/api/v2/users", action::list_users},
    {verb::post, "/api/v2/users", action::create_user},
    {verb::get, "/api/v2/users/{user}", action::get_user},
    {verb::delete_, "/api/v2/users/{user}", action::delete_user},
    {verb::put, "/api/v2/users/{user}/status/suspend", action::suspend_user},
    {verb::put, "/api/v2/users/{user}/status/activate", action::activate_user},
    {verb::get, "/api/v2/workspaces", action::list_workspaces},
    {verb::post, "/api/v2/workspaces", action::create_workspace},
    {verb::get, "/api/v2/workspaces/{workspace}", action::get_workspace},
    {verb::delete_, "/api/v2/workspaces/{workspace}", action::delete_workspace},
    {verb::get, "/api/v2/workspaces/{workspace}/builds", action::list_builds},
    {verb::post, "/api/v2/workspaces/{workspace}/builds", action::create_build},
    {verb::get, watch_path, action::watch_workspace},
    {verb::get, "/api/v2/workspacebuilds/{build}", action::get_build},
};

/// Takes the first segment, with its '/', off the front of `path`.
std::string_view take_segment(std::string_view& path) {
  auto const end = path.find('/', 1);
  auto const segment = path.substr(0, end);
  path.remove_prefix(segment.size());
  return segment;
}

/// Whether `path` fits `pattern`; if so, `id` is what stands for the pattern's {…}.
bool fits(std::string_view pattern, std::string_view path, std::string_view& id) {
  while (!pattern.empty() && !path.empty()) {
    auto const expected = take_segment(pattern);
    auto const seen = take_segment(path);
    if (expected.starts_with("/{")) {
      id = seen.substr(1);
      if (id.empty()) return false;
    } else if (expected != seen) {
      return false;
    }
  }
  return pattern.empty() && path.empty();
}

}  // namespace

route_match match_route(verb method, std::string_view target) {
  auto const path = target.substr(0, target.find('?'));
  auto const wanted = method == verb::head ? verb::get : method;
  route_match match;
  for (auto const& one : routes) {
    std::string_view id;
    if (!fits(one.pattern, path, id)) continue;
    match.id = id;
    match.pattern = one.pattern;
    if (one.method == wanted) match.what = one.what;
    match.allow += std::string_view{http::to_string(one.method)};
    match.allow += one.method == verb::get ? ", HEAD, " : ", ";
  }
  if (!match.allow.empty()) match.allow += "OPTIONS";
  return match;
}

}  // namespace service
