// problems.hpp: what is wrong in configuration files, gathered so that all of it is said at once.
//
//   problems seen;
//   seen.add("web.yml", {3, 16}, "tls_server_config.min_version: expected TLS12, saw 'TLS9'");
//   if (!seen.empty()) return error{…, seen.text()};
//
// Threads: a value type.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "stele/api.hpp"

namespace stele::securing {

/// In a file; both count from 1, columns in bytes. 0: the file as a whole.
struct place {
  std::size_t line = 0;
  std::size_t column = 0;

  bool operator==(place const&) const = default;
};

class STELE_API problems {
 public:
  void add(std::string_view file, place where, std::string_view what);

  [[nodiscard]] bool empty() const noexcept { return all_.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return all_.size(); }
  /// `file:line:column: error: what`, a line each in the order of the files' lines, without a line
  /// break at the end. Past 50 only their number is said.
  [[nodiscard]] std::string text() const;

 private:
  struct [[gnu::visibility("hidden")]] problem {
    std::string file;
    place where;
    std::string what;
  };
  std::vector<problem> all_;
};

/// Whether a text may be a hash or a key, which messages do not show: one that begins with '$', a
/// PEM block, or 40 characters of base64 or hexadecimal digits on end.
STELE_API bool may_be_secret(std::string_view seen);

/// What a file has, for a message: quoted, cut after 60 bytes, one line, valid UTF-8. Of what may
/// be secret, wherever it stands, nothing is shown.
STELE_API std::string shown(std::string_view seen);

/// `a, b or c`.
STELE_API std::string one_of(std::vector<std::string_view> const& choices);

/// `; did you mean 'x'?`, or nothing where no choice is close, or several are equally. Case does
/// not count.
STELE_API std::string suggestion(std::vector<std::string_view> const& choices,
                                 std::string_view seen);

}  // namespace stele::securing
