// coded_chunks.hpp: the chunks of a body, compressed where that was asked for and this build can.
//
//   chunks.begin(encoding::gzip);
//   do send(chunks.next(render)); while (!chunks.ended());      // render.next() gives the text
//
// Threads: the endpoint's strand.

#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "expose/gzip.hpp"
#include "serve/encodings.hpp"

namespace stele::serving {

class coded_chunks {
 public:
  /// Of the text and of what is sent.
  static constexpr std::size_t chunk_bytes_max = exposition::gzip_encoder::chunk_bytes_max;

  /// Begins anew. Throws std::bad_alloc.
  void begin(encoding asked) {
    bool const gzipped = asked == encoding::gzip && exposition::gzip_encoder::available();
    coding_ = gzipped ? encoding::gzip : encoding::identity;
    ended_ = false;
    if (gzipped && !gzip_) gzip_ = std::make_unique<exposition::gzip_encoder>();
    if (gzipped) gzip_->start();
  }
  /// What is sent.
  [[nodiscard]] encoding coding() const noexcept { return coding_; }

  /// The next chunk, of a text whose chunks are full but for the last one. Throws what that does.
  template <class Text>
  [[nodiscard]] std::string_view next(Text& text) {
    std::string_view const chunk =
        coding_ == encoding::gzip ? gzip_->next([&text] { return text.next(); }) : text.next();
    ended_ = chunk.size() < chunk_bytes_max;
    return chunk;
  }
  [[nodiscard]] bool ended() const noexcept { return ended_; }

 private:
  std::unique_ptr<exposition::gzip_encoder> gzip_;  // made when it is first needed
  encoding coding_ = encoding::identity;
  bool ended_ = false;
};

}  // namespace stele::serving
