// row_summary.hpp: what the landing page shows of a row with however many series: their number, and
// one value, a range or a distribution over all of them.
//
//   row_summary shown(row);
//   for (series_reader at(values, family); !at.is_at_end(); at.advance()) shown.add(at.series());
//   shown.append_json(out);       // ,"series":3,"value":17
//
// Threads: one. Memory: what a distribution's buckets need, whatever the number of series.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "serve/family_reader.hpp"

namespace stele::serving {

/// Native buckets of several series, at the lowest of their resolutions. Ordered by their index.
class native_sum {
 public:
  void add(core::native_values const& of);
  /// `[lower,upper,count]` of each bucket that is not empty, the lowest first.
  void append_json(std::string& out) const;

 private:
  using sign = std::map<std::int64_t, std::uint64_t>;

  void coarsen(int to_schema);

  int schema_ = native_schema_max;
  double zero_threshold_ = 0;
  std::uint64_t zero_count_ = 0;
  std::array<sign, 2> signs_;  // positive, negative
};

class row_summary {
 public:
  /// REQUIRES: the row outlives it. Throws std::bad_alloc, and so do the others.
  explicit row_summary(descriptor const& row);

  void add(series_view const& series);

  /// Members of an object, each behind a comma: `series`; then of a counter `value`, the sum over
  /// the series; of a gauge with one series `value`, with several `low` and `high`; of a stateset
  /// with one series `states`, those that are on; of a histogram `count`, `sum` and `buckets`,
  /// each `[lower,upper,count]`, over all series; of a summary `count` and `sum`, with one series
  /// `quantiles` too.
  void append_json(std::string& out) const;

 private:
  void add_scalar(number value);
  void add_histogram(series_view const& series);
  void add_summary(series_view const& series);
  void append_scalars(std::string& out) const;
  void append_buckets(std::string& out) const;
  void append_quantiles(std::string& out) const;

  descriptor const& row_;
  std::size_t series_ = 0;
  number low_;
  number high_;
  bool integral_ = true;        // every value is an unsigned integer
  std::uint64_t integers_ = 0;  // their sum
  std::uint64_t count_ = 0;
  double sum_ = 0;
  std::vector<std::uint64_t> buckets_;
  native_sum native_;
  std::vector<std::uint64_t> quantiles_;  // of the first series, as the snapshot has them
};

}  // namespace stele::serving
