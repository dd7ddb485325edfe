// shape.hpp: all of a bundle but its numbers: families, series, labels. Agents of one version push
// the same shape again and again, so it is read and checked once, and shared.
//
//   shape const& all = *bundle.of;
//   for (shape_family const& family : all.families)
//     for (shape_series const& each : all.series_of(family)) bind(all.labels(each));
//
// Threads: never changed once it is made; any thread may read it.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "stele/descriptor.hpp"

namespace stele::pushing {

class text_plan;  // text_plan.hpp

/// What the numbers of a series mean where they are several. Two series of a family may differ in
/// it: agents of another version may have other buckets.
struct layout {
  std::vector<double> bounds{};     // of a histogram; ascending, without +Inf
  std::vector<double> quantiles{};  // of a summary; ascending
  bool native = false;              // the histogram has native buckets, too

  bool operator==(layout const&) const = default;
};

struct shape_family {
  std::string name;  // as pushed in text 0.0.4: `_total` included where the agent sends it
  metric_type type = metric_type::unknown;
  std::string help;  // unescaped; empty where there is none
  std::string unit;  // OpenMetrics'; empty where there is none
  std::uint32_t first_series = 0;
  std::uint32_t end_series = 0;

  bool operator==(shape_family const&) const = default;
};

struct shape_series {
  std::uint32_t label_begin = 0;  // in shape::label_text
  std::uint32_t label_end = 0;
  std::uint32_t layout = 0;  // in shape::layouts

  bool operator==(shape_series const&) const = default;
};

/// Why one family of a bundle is refused while the rest is kept.
enum class refusal_reason : std::uint8_t {
  name,         // no metric name, or a reserved one
  label,        // a bad, reserved or repeated label
  type,         // a type that is not taken, or another one than other agents' family has
  duplicate,    // a series twice, in the bundle or held by another group of the workspace
  suffix,       // its name clashes with another family's through a suffix
  value,        // buckets that fall, a count that is none
  aggregation,  // a label is taken away and nothing says by which function values are joined
};
inline constexpr std::string_view refusal_reason_names[]{
    "name", "label", "type", "duplicate", "suffix", "value", "aggregation"};

struct family_refusal {
  std::string family;  // as pushed
  refusal_reason reason = refusal_reason::name;
  std::string why;  // a sentence: expected X, saw Y; the fix
};

struct shape {
  std::vector<shape_family> families;  // in the order of the body; none twice
  std::vector<shape_series> series;    // family by family
  std::vector<layout> layouts;         // [0] is the one of scalars
  std::string label_text;              // of all series, one behind the other
  /// Families of the body that the bundle's own rules refuse; they are not in `families`.
  std::vector<family_refusal> refused;
  /// How the text that this was made of is read again with other numbers; null: of no text.
  std::shared_ptr<text_plan const> plan;
  std::size_t hash = 0;  // of all of the above

  [[nodiscard]] std::span<shape_series const> series_of(shape_family const& family) const noexcept {
    return std::span(series).subspan(family.first_series, family.end_series - family.first_series);
  }
  /// The series' own labels as a scrape renders them, `a="b",c="d"`: sorted by name, without empty
  /// ones, without those of the group, `le` and `quantile`; empty where there are none.
  [[nodiscard]] std::string_view labels(shape_series const& of) const noexcept {
    return std::string_view(label_text).substr(of.label_begin, of.label_end - of.label_begin);
  }
};

}  // namespace stele::pushing
