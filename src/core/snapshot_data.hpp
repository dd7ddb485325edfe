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
  std::size_t first_exemplar = 0;  // those of its values follow, in their order
};

struct exemplar_data {
  std::size_t value;          // which counter or bucket: its place among the values
  double of;                  // the value of the update
  std::int64_t milliseconds;  // since 1970-01-01T00:00:00Z
  std::size_t first_char;     // name, 0, value, 0 and so on
  std::size_t end_char;
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
  vector<exemplar_data> exemplars;
  vector<char> exemplar_text;
  vector<std::shared_ptr<grave>> keeps;  // what labels of ended series refer to

  void clear() noexcept {
    families.clear();
    series.clear();
    values.clear();
    exemplars.clear();
    exemplar_text.clear();
    keeps.clear();
  }

  [[nodiscard]] std::string_view text_of(exemplar_data const& exemplar) const noexcept {
    return {exemplar_text.data() + exemplar.first_char, exemplar.end_char - exemplar.first_char};
  }
  [[nodiscard]] double floating(std::size_t at) const noexcept {
    return std::bit_cast<double>(values[at]);
  }
};

}  // namespace stele::core
