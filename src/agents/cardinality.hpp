// cardinality.hpp: what of the pushed series is exposed: all of them, or fewer.
//
//   cardinality rules;
//   rules.drop_metrics = {"go_*"};
//   rules.drop_labels = {"pid"};
//   rules.keep = {.which = kept_labels::these, .names = {"user_id"}};
//   rules.functions = {{"cpu_usage_cores", join_function::max}, {"*", join_function::last}};
//
// A label that is taken away joins the series that differ in nothing else, so dropping a label and
// aggregating over it are one thing. Counters and histograms are added up unless something else is
// stated; a gauge, an unknown and a summary want a function stated, else their family is refused
// where a label is taken away.
//
// Threads: a value.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stele/agent_options.hpp"
#include "stele/descriptor.hpp"

namespace stele::pushing {

using stele::join_function;
inline constexpr std::string_view join_function_names[]{"sum", "max", "min", "last"};

struct kept_labels {
  enum class which : std::uint8_t { all, none, these };
  which is = which::all;
  std::vector<std::string> names;  // of `these`; user_id and workspace_id are labels like others

  bool operator==(kept_labels const&) const = default;
};

struct stated_function {
  std::string metric;  // as pushed, without the prefix; `*` stands for any characters
  join_function is;

  bool operator==(stated_function const&) const = default;
};

struct cardinality {
  std::vector<std::string> drop_metrics;  // as pushed; `*` stands for any characters
  std::vector<std::string> drop_labels;   // names
  kept_labels keep;
  std::vector<stated_function> functions;  // the first that fits counts

  [[nodiscard]] bool drops(std::string_view metric) const noexcept;
  [[nodiscard]] bool keeps_label(std::string_view label) const noexcept;
  /// Nothing: none is stated, and the type has none by itself. Histograms have `sum` alone.
  [[nodiscard]] std::optional<join_function> function_of(std::string_view metric,
                                                         metric_type type) const noexcept;
};

}  // namespace stele::pushing
