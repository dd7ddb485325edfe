// snapshot_data.hpp: the arrays of a snapshot.
//
// A family is a number of runs: series whose labels stand one behind the other, and whose values
// do, in one array of 8-byte values. A series has
//   counter, gauge   the value, whose kind the series states
//   info             1
//   stateset         the states that are on: bit i is the row's states[i]
//   histogram        the buckets (not cumulative), +Inf's last; then the sum as a double; then,
//                    in a row with native buckets, what native_values says
//   summary          a double a quantile; then the sum as a double; then the count
//   unknown          the value, as a gauge
// Names refer to memory that lives as long as the process, or that the snapshot keeps; labels to
// pages that it keeps, or to its own arena.
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
#include "core/label_page.hpp"
#include "core/memory.hpp"
#include "core/snapshot_arena.hpp"
#include "stele/api.hpp"
#include "stele/descriptor.hpp"
#include "stele/reading.hpp"

namespace stele::core {

template <class T>
using snapshot_vector = vector<T, memory_part::snapshots>;

struct series_run {
  label_texts labels;                     // rendered; empty where there are none
  std::int64_t const* created = nullptr;  // as label_page says; null: not known
  std::size_t first_value = 0;            // of its first series; those of the others follow
  std::uint32_t count = 0;                // of series; 0 where what feeds them gave nothing
  number::kind kind = number::kind::unsigned_integer;
  /// Where it differs from the family's: which labels its series have, their bounds, quantiles and
  /// native buckets. Name and type are the family's. Null: the family's own.
  descriptor const* about = nullptr;
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
  std::size_t first_run;
  std::size_t end_run;
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
STELE_API native_values native_of(descriptor const& row, std::uint64_t const* values) noexcept;

struct native_counts;
void append_native(native_counts const& from, snapshot_vector<std::uint64_t>& to);

/// How many values a series has that begins at `values`.
STELE_API std::size_t value_count(descriptor const& row, std::uint64_t const* values) noexcept;

class snapshot_data {
 public:
  snapshot_vector<family_data> families;  // sorted by name
  snapshot_vector<series_run> runs;
  snapshot_vector<std::uint64_t> values;
  snapshot_vector<exemplar_data> exemplars;  // in the order of their values
  snapshot_vector<char> exemplar_text;
  snapshot_vector<label_page_use> pages;              // keeps the runs'
  snapshot_arena arena;                               // has the labels that callbacks gave
  snapshot_vector<std::shared_ptr<void const>> kept;  // what else families and runs refer to

  void clear() noexcept {
    families.clear();
    runs.clear();
    values.clear();
    exemplars.clear();
    exemplar_text.clear();
    kept.clear();
    pages.clear();
    arena.clear();
  }

  [[nodiscard]] std::span<series_run const> runs_of(family_data const& family) const noexcept {
    return std::span(runs).subspan(family.first_run, family.end_run - family.first_run);
  }
  /// What says how the values of a run's series are laid out.
  [[nodiscard]] static descriptor const& about(family_data const& family,
                                               series_run const& run) noexcept {
    return run.about == nullptr ? *family.about : *run.about;
  }
  [[nodiscard]] std::size_t series_of(family_data const& family) const noexcept {
    std::size_t count = 0;
    for (series_run const& run : runs_of(family)) count += run.count;
    return count;
  }
  [[nodiscard]] std::string_view text_of(exemplar_data const& exemplar) const noexcept {
    return {exemplar_text.data() + exemplar.first_char, exemplar.end_char - exemplar.first_char};
  }
  [[nodiscard]] double floating(std::size_t at) const noexcept {
    return std::bit_cast<double>(values[at]);
  }
};

}  // namespace stele::core
