// snapshot_data.hpp: the arrays of a snapshot.
//
// Families point into one array of series, series into one array of 8-byte values:
//   counter, gauge   the value, whose kind the series states
//   histogram        the buckets (not cumulative), +Inf's last; then the sum as a double
//   summary          a double a quantile; then the sum as a double; then the count
// Names and labels refer to memory that lives as long as the process.

#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "core/memory.hpp"
#include "stele/descriptor.hpp"
#include "stele/reading.hpp"

namespace stele::core {

struct grave;  // table_state.hpp

struct series_data {
  std::string_view labels;  // rendered; empty where there are none
  std::size_t first_value;
  number::kind kind = number::kind::unsigned_integer;
};

struct family_data {
  descriptor const* about;
  std::size_t first_series;
  std::size_t end_series;
};

class snapshot_data {
 public:
  /// The first_value of a series that has none in this snapshot, and is left out.
  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  vector<family_data> families;  // sorted by name
  vector<series_data> series;
  vector<std::uint64_t> values;
  vector<std::shared_ptr<grave>> keeps;  // what labels of ended series refer to

  void clear() noexcept {
    families.clear();
    series.clear();
    values.clear();
    keeps.clear();
  }

  [[nodiscard]] double floating(std::size_t at) const noexcept {
    return std::bit_cast<double>(values[at]);
  }
};

}  // namespace stele::core
