// encodings.hpp: how a body may be compressed, by the Accept-Encoding fields of a request.
//
//   encoding_choice asked;
//   asked.add("br, gzip;q=0.5");            // once a field
//   asked.answer() == encoding::gzip        // `Content-Encoding: gzip`
//
// Threads: values. Nothing allocates.

#pragma once

#include <cstdint>
#include <string_view>

namespace stele::serving {

enum class encoding : std::uint8_t { identity, gzip };

class encoding_choice {
 public:
  /// Takes one Accept-Encoding field. Several say the same as one that has them all.
  void add(std::string_view accept_encoding) noexcept;

  /// gzip where it is asked for, and preferred to identity where that is weighed too. `*` alone
  /// names no coding that its sender can surely read, so that it gets identity; and so does who
  /// refuses everything, for a scrape is never refused.
  [[nodiscard]] encoding answer() const noexcept;

 private:
  static constexpr int unasked = -1;

  int gzip_ = unasked;  // weights in thousandths
  int identity_ = unasked;
  int any_ = unasked;
};

}  // namespace stele::serving
