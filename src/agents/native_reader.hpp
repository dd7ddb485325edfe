// native_reader.hpp: the native buckets of a pushed histogram, from spans and deltas to the counts
// that a snapshot has.
//
//   native_reader buckets;
//   buckets.start();
//   buckets.read_field(message);            // for each field of the Histogram message
//   if (buckets.any()) why = buckets.finish(count, sum, values);
//
// However many buckets there are, and however far apart, at most 160 positions a sign are kept: the
// resolution is halved until they are enough, as the core does it (native_counts.hpp).
//
// Threads: one; its memory is used again.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <protozero/pbf_reader.hpp>

#include "core/native_counts.hpp"

namespace stele::pushing {

class native_reader {
 public:
  void start() noexcept;

  /// Takes the field that the reader stands at; false where it is none of native buckets. Throws
  /// protozero::exception, std::bad_alloc.
  bool read_field(protozero::pbf_reader& message);

  /// Whether the histogram has native buckets: as Prometheus tells it.
  [[nodiscard]] bool any() const noexcept;
  /// Whether they are counted by floating-point numbers, which are not taken.
  [[nodiscard]] bool floating() const noexcept { return floating_; }

  /// Appends what core::native_of reads behind a histogram's sum. Returns why the buckets are
  /// refused, or nothing.
  std::string finish(std::uint64_t count, double sum, std::vector<std::uint64_t>& values);

 private:
  struct span {
    std::int32_t offset = 0;
    std::uint32_t length = 0;
  };
  struct sign {
    std::vector<span> spans;
    std::vector<std::int64_t> deltas;
    std::size_t buckets = 0;  // of all spans
  };
  void read_span(protozero::pbf_reader message, sign& to);
  void add_delta(sign& to, std::int64_t delta);
  std::string add(std::size_t which, std::uint64_t& total);

  std::array<sign, 2> signs_;  // as core::native_counts has them
  core::native_counts counts_;
  std::int32_t schema_ = 0;
  double zero_threshold_ = 0;
  std::uint64_t zero_count_ = 0;
  bool floating_ = false;
  bool too_many_ = false;
};

}  // namespace stele::pushing
