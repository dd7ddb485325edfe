// renderer.hpp: a snapshot in a format, a chunk at a time, at the pace of whoever takes the chunks.
//
//   renderer render;                                              // its memory is used again
//   render.start(snapshot, {.which = format::text});
//   for (auto chunk = render.next(); !chunk.empty(); chunk = render.next()) send(chunk);
//
// Threads: one.

#pragma once

#include <cstddef>
#include <string_view>

#include "core/snapshot_data.hpp"
#include "expose/chunk_buffer.hpp"
#include "expose/protobuf.hpp"
#include "expose/render_options.hpp"
#include "expose/text.hpp"
#include "stele/expose.hpp"

namespace stele::exposition {

class STELE_API renderer {
 public:
  renderer() noexcept = default;

  /// Begins anew. REQUIRES: the snapshot, and the filter, outlive the last call of next().
  void start(core::snapshot_data const& values, render_options const& options) noexcept;

  /// The next chunk, of at most chunk_bytes_max, valid until the next call; empty at the end. One
  /// that is shorter is the last. Throws std::bad_alloc.
  [[nodiscard]] std::string_view next();

  /// At its end: gives back memory that few scrapes need.
  void shrink() noexcept { buffer_.shrink(); }

 private:
  void fill();
  /// Whether the family at hand has ended.
  template <class Family>
  bool fill_from(Family& family);

  core::snapshot_data const* values_ = nullptr;
  render_options options_;
  std::size_t family_ = 0;
  bool in_family_ = false;
  bool ended_ = true;
  text_family text_;
  protobuf_family protobuf_;
  chunk_buffer buffer_;
};

/// A renderer from a pool, whose memory is there already. Its construction throws std::bad_alloc.
class STELE_API kept_renderer {
 public:
  kept_renderer();
  ~kept_renderer();
  kept_renderer(kept_renderer const&) = delete;
  kept_renderer& operator=(kept_renderer const&) = delete;

  renderer* operator->() const noexcept { return render_; }

 private:
  renderer* render_;
};

}  // namespace stele::exposition
