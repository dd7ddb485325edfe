// openmetrics_reader.hpp: OpenMetrics 1.0.
//
//   if (auto fault = read_openmetrics(body, limits, found)) return *fault;
//
// Strict where the specification is: one blank between tokens, no blank lines, no comments,
// metadata before samples, a family's samples together, `# EOF` at the end. Families get the names
// that they have in text 0.0.4: a counter `foo` with `foo_total` becomes `foo_total`, an info `foo`
// becomes `foo_info`. `_created` is when the series began. A stateset becomes gauges. A
// gaugehistogram is refused, the rest of the body kept. Explicit timestamps are refused with the
// whole body. Exemplars are checked and then left out: a bundle has no place for them, as most
// scrapes show none. Not checked, because nothing is ambiguous without it: the order of a series'
// samples.
//
// Threads: pure functions.

#pragma once

#include <optional>
#include <string_view>

#include "agents/bundle.hpp"
#include "agents/push_limits.hpp"
#include "agents/raw_bundle.hpp"

namespace stele::pushing {

/// REQUIRES: `found` was started with the body. Throws std::bad_alloc.
std::optional<body_fault> read_openmetrics(std::string_view body, push_limits const& limits,
                                           raw_bundle& found);

}  // namespace stele::pushing
