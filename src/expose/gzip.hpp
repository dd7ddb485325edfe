// gzip.hpp: chunks of any size in, gzip chunks of 64 KiB out, at the pace of whoever takes them.
//
// gzip_isal.cpp or gzip_zlib.cpp is behind it, as the build option `gzip` says, or gzip_none.cpp.
// An encoder takes all its memory when it is made, and none after that: 230 KiB with ISA-L, 332 KiB
// with zlib. It is used for one body after the other. Nothing is flushed between chunks.
//
//   gzip_encoder gzip;                                // once
//   gzip.start();                                     // for each body
//   auto const from = [&] { return render.next(); };
//   for (auto chunk = gzip.next(from); !chunk.empty(); chunk = gzip.next(from)) send(chunk);
//
// Threads: one at a time.

#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "stele/api.hpp"

namespace stele::exposition {

class STELE_API gzip_encoder {
 public:
  static constexpr std::size_t chunk_bytes_max = 64 * 1024;

  /// Whether this build can compress.
  static bool available() noexcept;

  /// Throws std::bad_alloc; std::logic_error where !available().
  gzip_encoder();
  ~gzip_encoder();
  gzip_encoder(gzip_encoder const&) = delete;
  gzip_encoder& operator=(gzip_encoder const&) = delete;

  /// Begins a body, whatever became of the last one.
  void start() noexcept;

  /// The next part of the body, valid until the next call; empty at the end. One that is shorter
  /// than chunk_bytes_max is the last. `pull` is called for the input while the part is not full:
  /// it gives any number of bytes, which it keeps until it is called again, and none at the end; it
  /// is not called after that. What it throws passes through, and then only start() may follow.
  template <class Pull>
  [[nodiscard]] std::string_view next(Pull&& pull) {
    filled_ = 0;
    while (!ended_ && filled_ < chunk_bytes_max) {
      if (input_.empty() && !last_) {
        input_ = pull();
        last_ = input_.empty();
      }
      compress();
    }
    return {output(), filled_};
  }

 private:
  struct state;

  /// Takes from input_, where last_ ends the body, and fills the output behind filled_, until
  /// there is no input or no room.
  void compress();
  [[nodiscard]] char const* output() const noexcept;

  std::unique_ptr<state> state_;
  std::string_view input_;
  bool last_ = false;   // the input has ended
  bool ended_ = false;  // so has the output
  std::size_t filled_ = 0;
};

}  // namespace stele::exposition
