// replies.hpp: JSON responses, and the JSON form of what the API shows.

#pragma once

#include <boost/json/value.hpp>
#include <string_view>

#include "api.hpp"
#include "failure.hpp"

namespace service {

[[nodiscard]] http_response reply(http_request const& request, http::status status,
                                  boost::json::value const& body);

/// {"message": …}
[[nodiscard]] http_response error_reply(http_request const& request, http::status status,
                                        std::string_view message);

[[nodiscard]] http::status status_of(reason why) noexcept;

[[nodiscard]] boost::json::object to_json(user const& shown);
[[nodiscard]] boost::json::object to_json(workspace const& shown);
[[nodiscard]] boost::json::object to_json(build const& shown);
/// The workspace, and its latest build under `build`; null before the first.
[[nodiscard]] boost::json::object to_json(workspace_change const& shown);

/// {"users": […]} and the like.
template <class Item>
[[nodiscard]] boost::json::object to_json(std::string_view name, std::vector<Item> const& items) {
  boost::json::array array;
  for (auto const& item : items) array.push_back(to_json(item));
  return {{boost::json::string_view{name.data(), name.size()}, std::move(array)}};
}

}  // namespace service
