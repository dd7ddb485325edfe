// secret.hpp: a token in a file, read anew at each use, so that one that is replaced is taken.
//
//   auto const token = read_secret("/run/agent.token");
//   if (!token) return token.error();          // names the file, and nothing of what is in it
//
// Threads: a pure function, but for the file.

#pragma once

#include <string>

#include "stele/result.hpp"

namespace stele::sending {

/// Without the white space around it. Throws std::bad_alloc.
result<std::string> read_secret(std::string const& file);

}  // namespace stele::sending
