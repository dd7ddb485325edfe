// tokens.hpp: the bearer tokens of a file.
//
//   # one a line; a token, or its SHA-256
//   Zm9yIHRoZSBzY3JhcGVyIG9ubHk
//   sha256:5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8
//
// Threads: a value type.

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "secure/files.hpp"
#include "secure/problems.hpp"
#include "stele/api.hpp"

namespace stele::securing {

/// A shorter one could be guessed: nothing slows its check down.
inline constexpr std::size_t token_bytes_min = 16;

class STELE_API token_set {
 public:
  /// In a time that tells nothing but the number of tokens. Throws std::bad_alloc.
  [[nodiscard]] bool has(std::string_view token) const;
  [[nodiscard]] bool empty() const noexcept { return hashes_.empty(); }

  void add(digest const& hash) { hashes_.push_back(hash); }

 private:
  std::vector<digest> hashes_;
};

/// The tokens of a file's text; `seen` gets what is wrong in it, without any token.
STELE_API token_set read_tokens(std::string_view file, std::string_view text, problems& seen);

inline constexpr std::string_view token_hash_prefix = "sha256:";

/// What a file has instead of a token, `sha256:` and 64 hexadecimal digits, or a token itself: its
/// SHA-256. Where it is neither, `why` says what was expected; no token is shown.
STELE_API std::optional<digest> read_token(std::string_view word, std::string& why);

}  // namespace stele::securing
