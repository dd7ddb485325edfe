// files.hpp: small configuration files, read whole, and how they looked then.
//
//   file_set files;
//   auto const text = files.read("/etc/service/tls.crt", 1 << 20);
//   …
//   if (files.changed()) reload();
//
// A change is told by a file's content, not by its times: a file that is replaced by rename, the
// swapped link of a Kubernetes volume, and two writes within one tick of the clock all count. A
// large file is read again only where its times, its size or its inode say that it may have
// changed; times that are so young that a further write could leave them as they are say so, too.
//
// Threads: a value type.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
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
  /// the reverse. Throws std::bad_alloc.
  [[nodiscard]] bool changed();

 private:
  /// What the file's inode said.
  struct stamp {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::int64_t bytes = 0;
    std::int64_t changed_ns = 0;  // ctime, which no program can set
    bool is_old = false;          // so that a write since then would have another time
    bool operator==(stamp const&) const = default;
  };
  struct look {
    std::size_t bytes_max = 0;
    digest content{};  // of the text, or of the reason why there is none
    stamp of{};        // of a large file; empty of others
  };
  static stamp stamp_of(std::string const& path) noexcept;
  std::map<std::string, look> seen_;
};

/// A path that stands in a file: relative to that file's folder.
STELE_API std::string path_beside(std::string_view file, std::string_view path);

}  // namespace stele::securing
