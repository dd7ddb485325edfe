// protobuf_value.hpp: the value message of a series, Counter, Summary or Histogram, as bytes. (A
// Gauge, which has nothing but a double, needs none of this.)
//
// Source: metrics.proto of io.prometheus.client. A histogram's classic and native buckets stand in
// one message.
//
//   message_bytes bytes;                        // used again for each series
//   write_histogram(bytes, about, {values, first_value, created}, exemplars);
//
// Threads: pure functions; a snapshot's values do not change.

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "core/memory.hpp"
#include "core/snapshot_data.hpp"
#include "stele/descriptor.hpp"

namespace stele::exposition {

using message_bytes = core::string_of<core::memory_part::snapshots>;

/// What a message is made of.
struct series_values {
  core::snapshot_data const& of;
  std::uint64_t const* values;
  std::size_t first_value;                         // their place in the snapshot
  std::int64_t created;                            // as core::label_page says; 0: not known
  std::span<core::exemplar_data const> exemplars;  // of these values, in their order
};

/// Each replaces what is in `to`. Throws std::bad_alloc.
void write_counter(message_bytes& to, double value, series_values const& series);
void write_summary(message_bytes& to, descriptor const& about, series_values const& series);
void write_histogram(message_bytes& to, descriptor const& about, series_values const& series);

/// A label of a Metric, or of an exemplar: what protobuf calls a LabelPair.
void write_label(message_bytes& to, std::string_view name, std::string_view value);

}  // namespace stele::exposition
