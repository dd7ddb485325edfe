// open_sockets.hpp: the sockets that this process has open, by name.
//
//   EXPECT_EQ(open_sockets(), before);
//
// Threads: any.

#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <system_error>

namespace stele::test {

/// As "socket:[1234]".
inline std::set<std::string> open_sockets() {
  std::set<std::string> found;
  for (auto const& each : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code ignored;
    std::string const name = std::filesystem::read_symlink(each.path(), ignored).string();
    if (name.starts_with("socket:")) found.insert(name);
  }
  return found;
}

}  // namespace stele::test
