// snapshot_data.hpp: the arrays of a snapshot.
//
// Families point into one array of series, series into one array of 8-byte values:
//   counter, gauge   the value, whose kind the series states
//   info             1
//   stateset         the states that are on: bit i is the row's states[i]
//   histogram        the buckets (not cumulative), +Inf's last; then the sum as a double; then,
//                    in a row with native buckets, what native_values says
//   summary          a double a quantile; then the sum as a double; then the count
// Names and labels refer to memory that lives as long as the process, or that the snapshot keeps.
//
// Threads: one makes it; it does not change then.

#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "core/constant_labels.hpp"
#include "core/memory.hpp"
#include "core/text_store.hpp"
#include "stele/descriptor.hpp"
#include "stele/reading.hpp"

namespace stele::core {

struct grave;  // table_state.hpp

template <class T>
using snapshot_vector = vector<T, memory_part::snapshots>;

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
  constant_label_set const* constant_labels = nullptr;  // of every series; null: none
};

/// The native buckets of a series: the schema, the zero bucket's threshold as a double and its
/// count; then for each sign, positive first, the index of the first bucket, the number of buckets,
/// and their counts, which are not cumulative. The first and the last count are not 0.
struct native_values {
  struct sign {
    std::int64_t first;
    std::span<std::uint64_t const> counts;
  };
  int schema;
  double zero_threshold;
  std::uint64_t zero_count;
  sign positive;
  sign negative;
};

/// Reads the native buckets of a series whose values begin at `values`. REQUIRES: row.native().
native_values native_of(descriptor const& row, std::uint64_t const* values) noexcept;

struct native_counts;
void append_native(native_counts const& from, snapshot_vector<std::uint64_t>& to);

/// How many values a series has that begins at `values`.
std::size_t value_count(descriptor const& row, std::uint64_t const* values) noexcept;

class snapshot_data {
 public:
  /// The first_value of a series that has none in this snapshot, and is left out.
  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  snapshot_vector<family_data> families;  // sorted by name
  snapshot_vector<series_data> series;
  snapshot_vector<std::uint64_t> values;
  snapshot_vector<exemplar_data> exemplars;
  snapshot_vector<char> exemplar_text;
  snapshot_vector<std::shared_ptr<grave>> keeps;  // what labels of ended series refer to
  text_store texts;
  snapshot_vector<std::shared_ptr<constant_label_set const>>
      constant_labels;  // keeps the families'

  void clear() noexcept {
    families.clear();
    series.clear();
    values.clear();
    exemplars.clear();
    exemplar_text.clear();
    constant_labels.clear();
    keeps.clear();
    texts.clear();
  }

  [[nodiscard]] std::string_view text_of(exemplar_data const& exemplar) const noexcept {
    return {exemplar_text.data() + exemplar.first_char, exemplar.end_char - exemplar.first_char};
  }
  [[nodiscard]] double floating(std::size_t at) const noexcept {
    return std::bit_cast<double>(values[at]);
  }
};

}  // namespace stele::core
