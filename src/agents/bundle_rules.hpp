// bundle_rules.hpp: from what a parser found to series: the rules that a bundle is held to by
// itself, whatever other agents push.
//
//   bundle_rules rules(limits);
//   auto made = rules.apply(found, group_labels);
//
// What is wrong in one family refuses that family. A series' labels are those of the body without
// those that the group has, without `job` and `instance`, and without empty ones; without the
// identity's names, which only the group may have. `X_created`, a gauge beside X, is when X's
// series began, as Python's text push sends it. A counter `x_total` beside a family `x` is no
// clash: Go's go_memstats_alloc_bytes are such; OpenMetrics shows the counter as `unknown`. `le`
// and `quantile` are refused only where the type writes them itself; elsewhere they are labels like
// others. A histogram without a sum (Python's gauge histograms, negative bounds) has the sum NaN,
// one without a count the count of its +Inf bucket; a summary needs both.
//
// Threads: one; its memory is used again.

#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <memory_resource>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "agents/bundle.hpp"
#include "agents/push_limits.hpp"
#include "agents/raw_bundle.hpp"
#include "agents/series_table.hpp"
#include "agents/text_plan.hpp"

namespace stele::pushing {

class bundle_rules {
 public:
  explicit bundle_rules(push_limits const& limits) noexcept : limits_(limits) {}

  struct made {
    shape of;  // without plan and hash
    std::vector<std::uint64_t> values;
    std::vector<std::int64_t> created;
    /// Whether another body with the same text and other numbers has the same shape.
    bool same_whatever_the_numbers = true;
    std::vector<number_step> steps;  // a sample each, without their literals
    std::vector<histogram_step> histograms;
    std::uint32_t checked_counts = 0;
    std::uint32_t dated_series = 0;  // all of them, or 0
  };
  using group = std::span<std::pair<std::string, std::string> const>;

  /// Changes `from`. Throws std::bad_alloc.
  std::variant<made, body_fault> apply(raw_bundle& from, group labels);
  /// What the last bundle needed, but for the memory that usual ones need.
  void forget() noexcept;

 private:
  static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();

  // Of one bundle, in this order.
  void check_names();
  void find_start_times();
  void check_suffixes();
  bool find_series(group labels);
  void sort();
  void add_family(std::uint32_t index);

  bool own_labels(raw_sample const& sample, group labels);
  bool check_label(raw_family& family, raw_sample const& sample, raw_label const& label);

  // In bundle_values.cpp.
  /// The samples of one series. Its buckets or quantiles are in buckets_.
  struct series_parts {
    std::uint32_t value = none;
    std::uint32_t sum = none;
    std::uint32_t count = none;
    std::uint32_t created = none;
    std::uint32_t native = none;
    std::uint32_t first = none;  // for messages
  };
  bool collect(std::uint32_t series, series_parts& parts);
  bool add_series(raw_family& family, std::uint32_t series);
  bool add_scalar(raw_family& family, series_parts const& parts);
  bool add_histogram(raw_family& family, series_parts const& parts);
  bool add_summary(raw_family& family, series_parts const& parts);
  void add_created(raw_family& family, series_parts const& parts);
  std::uint32_t layout_of(layout wanted);
  bool refuse(raw_family& family, refusal_reason reason, raw_sample const& sample,
              std::string_view why);
  void use(std::uint32_t sample, number_use use, std::size_t target) {
    result_.steps[sample] = {
        .literal_bytes = 0, .target = static_cast<std::uint32_t>(target), .use = use};
  }
  raw_sample const& sample(std::uint32_t index) const { return from_->samples[index]; }

  push_limits const& limits_;
  raw_bundle* from_ = nullptr;
  made result_;
  std::optional<body_fault> fault_;
  series_table series_;
  std::vector<std::uint32_t> series_of_sample_;
  std::vector<std::uint32_t> samples_by_series_;
  std::vector<std::uint32_t> first_sample_;  // of each series in samples_by_series_; one more
  std::vector<std::uint32_t> series_by_family_;
  std::vector<std::uint32_t> first_series_;  // of each family in series_by_family_; one more
  std::vector<raw_label> sorted_;
  std::vector<std::uint32_t> buckets_;  // samples of one series, or its quantiles
  std::string text_;
  std::uint32_t layout_index_ = 0;  // of the series that was added last
  /// Families that were taken for start times, by their index; none: where it is not.
  std::vector<std::optional<std::uint32_t>> dates_;
};

}  // namespace stele::pushing
