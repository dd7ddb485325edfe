// landing_data.hpp: the landing page's data: every row of the tables and what it shows now, as
// JSON, a chunk at a time.
//
//   landing_data body;
//   body.start(values, tables, {.query = "series=jobs_total", .uptime_ms = 5000});
//   while (!body.add_up_some()) let_others_work();
//   for (auto chunk = body.next(); !chunk.empty(); chunk = body.next()) send(chunk);
//
// {"version":"0.1.0","now_ms":…,"uptime_ms":…,"tables":["shop"],"views":["/metrics/service"],
//  "rows":[{"table":0,"name":"jobs_total","type":"counter","help":"…","unit":"","source":"service",
//           "labels":[{"name":"code","values":["200"]}],   // an open label has no values
//           "reason":"…",                                  // of a row that is absent
//           "exposed":true,                                // whether any code feeds it
//           "series":2,"value":17,                         // and more: see row_summary.hpp
//           "first":[{"labels":"code=\"200\"","series":1,"value":16}, …]}]}
//
// A row has `first`, its first series, where the query asks for it: `series=` and names, with
// commas between them. However many series there are, the size is bounded: a row has at most
// first_series_max of them, whose labels are cut at label_bytes_max. And so is the time for which
// the strand is held: the series are added up in steps, and a chunk looks at no other series than
// the first. Numbers that JSON does not have are strings, and so are integers beyond 2^53.
//
// Threads: one.

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/snapshot_data.hpp"
#include "serve/family_reader.hpp"
#include "serve/row_summary.hpp"
#include "stele/slab.hpp"

namespace stele::serving {

inline constexpr std::size_t first_series_max = 20;
inline constexpr std::size_t label_bytes_max = 1024;

/// What the page shows beside the tables.
struct landing_facts {
  std::span<std::string_view const> views{};  // paths
  std::string_view query{};                   // of the request, without its `?`
  std::int64_t now_ms = 0;                    // since 1970-01-01T00:00:00Z
  std::int64_t uptime_ms = 0;                 // of the endpoint
};

class landing_data {
 public:
  static constexpr std::size_t chunk_bytes_max = 64 * 1024;
  /// About as much work as a chunk of a scrape is.
  static constexpr std::size_t step_values_max = 16 * 1024;

  /// REQUIRES: all that is given outlives the rendering. Throws std::bad_alloc.
  void start(core::snapshot_data const& values, std::span<core::table_link* const> tables,
             landing_facts const& facts);

  /// Adds up more of the series, up to the one that reaches step_values_max values; whether that
  /// were all that there are. Throws std::bad_alloc.
  [[nodiscard]] bool add_up_some();
  /// How many values the last step looked at.
  [[nodiscard]] std::size_t step_values() const noexcept { return step_values_; }

  /// REQUIRES: all series were added up. The next chunk, valid until the next call; empty at the
  /// end. One that is shorter than chunk_bytes_max is the last. Throws std::bad_alloc.
  [[nodiscard]] std::string_view next();

 private:
  void append_facts();
  void append_row(descriptor const& row);
  void append_first_series(descriptor const& row, core::family_data const& family);
  void begin_row(descriptor const& row);
  void fill();

  core::snapshot_data const* values_ = nullptr;
  std::span<core::table_link* const> tables_;
  landing_facts facts_;
  std::vector<row_summary> summaries_;  // of the rows that were begun
  series_reader at_;                    // of the last of them
  std::size_t step_values_ = 0;
  std::size_t table_ = 0;  // the next row; to be added up at first, then to be rendered
  std::size_t row_ = 0;
  std::size_t rows_ = 0;  // how many were rendered
  bool ended_ = true;
  std::string buffer_;
  std::size_t taken_ = 0;
};

}  // namespace stele::serving
