// bcrypt.hpp: password hashes as `htpasswd -nBC 10 user` makes them.
//
//   if (auto const wrong = bcrypt_fault(hash); !wrong.empty()) …   // why it is no such hash
//   if (bcrypt_matches(hash, password)) …                          // some 70 ms at cost 10
//
// Threads: pure functions.

#pragma once

#include <string>
#include <string_view>

namespace stele::securing {

/// Past it a login would take longer than some 5 s, and a wrong one as long.
inline constexpr int bcrypt_cost_max = 16;

/// What is wrong with a hash, as in `expected …, saw …; fix`, without any part of the hash that is
/// secret; empty where nothing is.
std::string bcrypt_fault(std::string_view hash);

/// REQUIRES: bcrypt_fault(hash) is empty. Bytes past the 72nd do not count, as everywhere in
/// bcrypt; a password with a NUL, which crypt(3) cannot tell from a shorter one, matches nothing.
bool bcrypt_matches(std::string const& hash, std::string const& password);

}  // namespace stele::securing
