// body.hpp: the body of an answer, made a chunk at a time while it is sent.
//
//   for (auto chunk = from.next(); !chunk.empty(); chunk = from.next()) send(chunk);
//
// The next chunk is asked for when the one before has been sent, so a slow reader costs one chunk.
// Threads: the endpoint's strand.

#pragma once

#include <string_view>
#include <utility>

#include "stele/api.hpp"

namespace stele::serving {

class STELE_API body {
 public:
  virtual ~body();

  /// A step towards the first chunk, short enough for other sessions to wait for; whether it was
  /// the last. May throw std::bad_alloc.
  [[nodiscard]] virtual bool prepare() { return true; }
  /// REQUIRES: it is prepared. The next chunk, some 64 KiB at most, valid until the next call;
  /// empty at the end. May throw std::bad_alloc, which cuts the connection.
  [[nodiscard]] virtual std::string_view next() = 0;
  /// Whether nothing comes after what next() returned last, as far as is known. A body whose first
  /// chunk is known to be all of it is sent with its length.
  [[nodiscard]] virtual bool ended() const noexcept = 0;
};

/// A body that is there.
class text_body final : public body {
 public:
  text_body() = default;
  explicit text_body(std::string_view text) noexcept : text_(text) {}

  std::string_view next() override { return std::exchange(text_, {}); }
  [[nodiscard]] bool ended() const noexcept override { return true; }

 private:
  std::string_view text_;
};

}  // namespace stele::serving
