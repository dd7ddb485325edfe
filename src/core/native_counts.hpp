// native_counts.hpp: native buckets as plain numbers: what is added up, made coarser, moved.
//
// A sign has at most 160 positions, dense. Where a value is out of their reach they move, and where
// that is not enough the resolution is halved for both signs. So the schema is the highest, up to
// the row's, at which all values ever added fit: it depends on nothing else, not on their order nor
// on which thread observed them, and it can never rise.
//
//   native_counts total;
//   total.start(3);
//   total.add(native_counts::positive, finest_native_index(1.5), native_schema_max, 1);
//
// Threads: one.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "stele/api.hpp"

namespace stele::core {

inline constexpr std::int64_t native_positions = 160;

/// One sign's buckets: counts[i] belongs to the bucket with index first + i.
struct STELE_API native_window {
  std::int64_t first = 0;
  std::array<std::uint64_t, native_positions> counts{};

  [[nodiscard]] bool reaches(std::int64_t index) const noexcept {
    return index >= first && index - first < native_positions;
  }
  /// Moves the positions so that `index` is one of them too. False where they are too few.
  bool reach(std::int64_t index) noexcept;
  void halve() noexcept;

  /// The positions that are not 0, as a half-open range; begin == end where there are none.
  struct range {
    std::int64_t begin;
    std::int64_t end;
  };
  [[nodiscard]] range used() const noexcept;
};

struct STELE_API native_counts {
  static constexpr std::size_t positive = 0;
  static constexpr std::size_t negative = 1;

  int schema = 0;
  std::uint64_t zero_count = 0;
  std::array<native_window, 2> windows{};

  /// Without any counts.
  void start(int at_schema) noexcept;

  /// Makes room for a bucket, given at a schema that is not below this one's, and gives its
  /// position.
  std::size_t make_room(std::size_t sign, std::int64_t index, int at_schema) noexcept;
  void add(std::size_t sign, std::int64_t index, int at_schema, std::uint64_t count) noexcept;
  /// Adds buckets at a schema that is not below this one's: see coarsen().
  void add(std::size_t sign, native_window const& other, int at_schema) noexcept;
  /// REQUIRES: `other` was started at the schema at which this was.
  void add(native_counts const& other) noexcept;

  void halve() noexcept;
  /// Halves the resolution until the schema is not above this one.
  void coarsen(int to_schema) noexcept;
};

}  // namespace stele::core
