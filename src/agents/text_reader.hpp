// text_reader.hpp: text 0.0.4, as Prometheus's expfmt reads it.
//
//   if (auto fault = read_text(body, limits, found)) return *fault;
//
// Like expfmt: lines end in \n, the last one, too; HELP and TYPE may stand anywhere before a
// family's samples, and a family's samples anywhere; a family without TYPE is untyped; types in any
// case; comments, blank lines, blanks between tokens and a comma behind the last label are fine; a
// blank behind a value is not. Unlike expfmt: timestamps are refused; all of the body must be UTF-8
// without NUL, comments, too; what expfmt drops (a sample of a summary without a quantile, of a
// histogram without a bound) refuses the family.
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
std::optional<body_fault> read_text(std::string_view body, push_limits const& limits,
                                    raw_bundle& found);

/// What is said of a sample with a timestamp, in either text format.
inline constexpr std::string_view timestamp_refused =
    "expected no timestamp: pushed samples are of the moment at which they arrive; leave it out";

}  // namespace stele::pushing
