// absolute_path.hpp: a file's name that stays right when the working directory changes.
//
//   absolute_path("tokens")   // "/srv/shop/tokens"; "" stays ""
//
// Threads: any.

#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

namespace stele::core {

/// The name itself where there is no working directory.
inline std::string absolute_path(std::string_view name) {
  if (name.empty()) return {};
  std::error_code failed;
  auto const path = std::filesystem::absolute(name, failed);
  return failed ? std::string(name) : path.string();
}

}  // namespace stele::core
