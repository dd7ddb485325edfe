// protobuf_reader.hpp: delimited io.prometheus.client.MetricFamily messages.
//
//   if (auto fault = read_protobuf(body, limits, found)) return *fault;
//
// All types but gauge histograms and histograms with floating-point counts, whose families are
// refused. A histogram may have classic buckets, native ones, or both. The +Inf bucket, which
// clients leave out, is the count. Exemplars are skipped: a bundle has no place for them. A
// timestamp refuses the whole body.
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
std::optional<body_fault> read_protobuf(std::string_view body, push_limits const& limits,
                                        raw_bundle& found);

}  // namespace stele::pushing
