// files.hpp: small configuration files, read whole, and how they looked then.
//
//   file_set files;
//   auto const text = files.read("/etc/service/tls.crt", 1 << 20);
//   …
//   if (files.changed()) reload();
//
// A change is told by a file's content, not by its times: a file that is replaced by rename, the
// swapped link of a Kubernetes volume, and two writes within one tick of the clock all count.
//
// Threads: a value type.

#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include "stele/api.hpp"
#include "stele/result.hpp"

namespace stele::securing {

using digest = std::array<unsigned char, 32>;

/// SHA-256. Throws std::bad_alloc.
STELE_API digest sha256(std::string_view text);

class STELE_API file_set {
 public:
  /// The file's bytes, or why they could not be read, as in `cannot be read: No such file…`. The
  /// file is watched in both cases.
  result<std::string> read(std::string const& path, std::size_t bytes_max);

  /// Whether a file that was read has other content now, or can be read now where it could not, or
  /// the reverse.
  [[nodiscard]] bool changed() const;

  /// Whether the same files had the same content.
  bool operator==(file_set const&) const = default;

 private:
  struct look {
    std::size_t bytes_max = 0;
    digest content{};  // of the text, or of the reason why there is none
    bool operator==(look const&) const = default;
  };
  std::map<std::string, look> seen_;
};

/// A path that stands in a file: relative to that file's folder.
STELE_API std::string path_beside(std::string_view file, std::string_view path);

}  // namespace stele::securing
