// raw_bundle.hpp: what a parser found in a body: families, and samples in the order of the body.
// bundle_rules.hpp makes series of them.
//
//   raw_bundle found;
//   found.start(body);
//   std::uint32_t const family = found.add_family("jobs_total", metric_type::counter);
//   found.labels.push_back({"queue", "a"});
//   found.samples.push_back({.family = family, .first_label = 0, .end_label = 1, .bits = …});
//
// Names and texts refer to the body, or to the bundle's own memory. Threads: one; its memory is
// used again.

#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory_resource>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "agents/body_text.hpp"
#include "agents/line_numbers.hpp"
#include "agents/push_limits.hpp"
#include "agents/shape.hpp"

namespace stele::pushing {

struct raw_label {
  std::string_view name;
  std::string_view value;  // as a scrape renders it: \\, \" and \n are escaped, nothing else is
};

enum class sample_part : std::uint8_t {
  value,
  quantile,
  bucket,
  sum,
  count,
  created,
  native  // of a histogram: the native buckets
};

struct raw_sample {
  std::uint32_t family = 0;
  std::uint32_t first_label = 0;  // without the `le` of a bucket and the `quantile` of a summary
  std::uint32_t end_label = 0;
  std::uint32_t number_begin = 0;  // where its number stands in a text: [begin, end)
  std::uint32_t number_end = 0;
  sample_part part = sample_part::value;
  /// Whether the number is one that the part can have: a count is a count, a start time a time.
  bool fits = true;
  double of = std::numeric_limits<double>::quiet_NaN();  // the bucket's bound, the quantile
  /// value, quantile, sum: a double's. bucket (cumulative), count: an integer. created:
  /// milliseconds since 1970-01-01T00:00:00Z. native: where it stands in raw_bundle::native_values.
  std::uint64_t bits = 0;

  [[nodiscard]] double number() const noexcept { return std::bit_cast<double>(bits); }
};

struct raw_family {
  std::string_view name;         // as in text 0.0.4
  std::string_view pushed_name;  // as the body says it: without `_total` and `_info` in OpenMetrics
  metric_type type = metric_type::unknown;
  bool states = false;  // a stateset, which is kept as gauges: 0 or 1
  std::string_view help{};
  std::string_view unit{};
  std::uint32_t samples = 0;
  std::optional<family_refusal> refused{};
};

class raw_bundle {
 public:
  std::vector<raw_family> families;
  std::vector<raw_sample> samples;
  std::vector<raw_label> labels;
  /// As core::native_of reads them behind a histogram's sum, each with its length before it.
  std::vector<std::uint64_t> native_values;

  /// Forgets all, and the memory that usual bodies do not need.
  void start(std::string_view body, bool is_text) noexcept;
  void forget() noexcept { start({}, false); }

  /// A copy that lives as long as what was found.
  std::string_view keep(std::string_view text);
  std::string_view keep(std::string_view text, std::string_view suffix);

  /// REQUIRES: there is none of the name. `name` outlives this.
  std::uint32_t add_family(std::string_view name, metric_type type);
  [[nodiscard]] std::optional<std::uint32_t> family_of(std::string_view pushed_name) const;

  /// The first reason counts.
  void refuse(raw_family& family, refusal_reason reason, std::string why);
  void refuse(std::uint32_t family, refusal_reason reason, std::string why) {
    refuse(families[family], reason, std::move(why));
  }

  /// The same of a sample, on whose line the reason is.
  void refuse(raw_family& family, refusal_reason reason, raw_sample const& where,
              std::string_view why);

  /// False where there are more samples then than the series that a push may have could have.
  [[nodiscard]] bool add(raw_sample const& sample, push_limits const& limits);

  /// `line 3: ` for a sample of a text, else nothing.
  [[nodiscard]] std::string line_of(raw_sample const& sample);
  [[nodiscard]] body_fault fault(raw_sample const& sample, body_fault::kind kind,
                                 std::string what) const;

 private:
  std::string_view body_;
  bool is_text_ = false;
  line_numbers lines_;
  std::size_t bounds_ = 0;  // samples that are a bucket or quantile
  std::pmr::monotonic_buffer_resource memory_{16384};
  std::pmr::unordered_map<std::string_view, std::uint32_t> by_name_{&memory_};
};

}  // namespace stele::pushing
