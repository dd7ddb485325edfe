// series_filter.hpp: which series of a snapshot are rendered.
//
//   struct only_get final : exposition::series_filter {
//     bool wants(std::string_view, std::string_view labels) const noexcept override {
//       return labels.find("method=\"GET\"") != labels.npos;
//     }
//   };
//
// Threads: asked on the thread that renders. A filter outlives the rendering that it is given to.

#pragma once

#include <string_view>

namespace stele::exposition {

class series_filter {
 public:
  /// Whether the series is to be rendered. Labels are rendered text, `a="b",c="d"`, escaped as in
  /// text 0.0.4; those of the whole table come apart from the series' own, and either may be empty.
  [[nodiscard]] virtual bool wants(std::string_view constant_labels,
                                   std::string_view labels) const noexcept = 0;

 protected:
  ~series_filter() = default;
};

}  // namespace stele::exposition
