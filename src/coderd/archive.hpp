// archive.hpp: a folder as one compressed file, and back: how a stopped workspace is kept.
//
// Each file is stored as a header line and its deflated bytes; a checksum over what was read is
// compared with what is written, so that damage to an archive is an error and not a workspace.
// Independent folders may be packed by several threads at once. I/O errors throw
// std::system_error, damage a `failure`.

#pragma once

#include <cstdint>
#include <filesystem>

namespace service {

struct archive_totals {
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;         // before compression
  std::uint64_t packed_bytes = 0;  // after it
};

/// Packs all regular files below `folder` into `archive`, which is replaced when complete.
archive_totals pack(std::filesystem::path const& folder, std::filesystem::path const& archive);

/// Makes `folder` anew from `archive`.
archive_totals unpack(std::filesystem::path const& archive, std::filesystem::path const& folder);

}  // namespace service
