// render_options.hpp: what of a snapshot is rendered, and how.
//
//   render_options const options{.which = format::openmetrics, .created = true};
//
// Threads: a value.

#pragma once

#include "expose/series_filter.hpp"
#include "stele/expose.hpp"

namespace stele::exposition {

struct render_options {
  format which = format::text;
  bool created = false;                   // as expose_options says
  series_filter const* filter = nullptr;  // null: every series
};

}  // namespace stele::exposition
