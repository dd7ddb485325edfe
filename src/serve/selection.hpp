// selection.hpp: the part of the metrics that a request asks for, by its path and its name[].
//
//   core::pending_gather gather(tables, deadline, waiter, part.rows());
//   render.start(values, {.which = format::text, .filter = part.series()});
//
// A row is the smallest thing that name[] chooses: who asks for `x_bucket` gets the histogram.
//
// Threads: a value; any may ask. The request's target and the views outlive it.

#pragma once

#include "core/row_filter.hpp"
#include "expose/series_filter.hpp"
#include "serve/query.hpp"
#include "serve/views.hpp"

namespace stele::serving {

class selection final : public core::row_filter, public exposition::series_filter {
 public:
  /// Everything.
  selection() noexcept = default;
  /// What is in the view, if there is one, and has one of the names, if there is one.
  selection(kept_view const* view, name_query const& names) noexcept : view_(view), names_(names) {}

  /// The filter of the gather; null where every row is wanted.
  [[nodiscard]] core::row_filter const* rows() const noexcept;
  /// The filter of the rendering; null where every series of the rows is wanted.
  [[nodiscard]] exposition::series_filter const* series() const noexcept;

  [[nodiscard]] bool wants(core::table_info const& table,
                           descriptor const& row) const noexcept override;
  [[nodiscard]] bool wants(std::string_view constant_labels,
                           std::string_view labels) const noexcept override;

 private:
  kept_view const* view_ = nullptr;
  name_query names_;
};

}  // namespace stele::serving
