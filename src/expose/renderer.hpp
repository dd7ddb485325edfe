// renderer.hpp: a snapshot as text, a chunk at a time, at the pace of whoever takes the chunks.
//
//   renderer render(snapshot, format::text);
//   for (auto chunk = render.next(); !chunk.empty(); chunk = render.next()) send(chunk);
//
// Threads: one.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "core/snapshot_data.hpp"
#include "stele/expose.hpp"

namespace stele::exposition {

inline constexpr std::size_t chunk_bytes_max = 64 * 1024;

class STELE_API renderer {
 public:
  /// REQUIRES: the snapshot outlives the renderer.
  renderer(core::snapshot_data const& values, format which);

  /// The next chunk, valid until the next call; empty at the end.
  [[nodiscard]] std::string_view next();

 private:
  void fill();

  core::snapshot_data const& values_;
  format format_;
  std::size_t family_ = 0;
  bool opened_ = false;     // whether the family's metadata is rendered
  std::size_t series_ = 0;  // the next one to render
  bool ended_ = false;
  std::string buffer_;
  std::size_t taken_ = 0;
};

}  // namespace stele::exposition
