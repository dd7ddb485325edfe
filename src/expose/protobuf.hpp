// protobuf.hpp: a family as a MetricFamily message of io.prometheus.client, behind its length.
//
// The length of a message stands before it, so a family is gone through twice: sizes, then bytes.
// No more than a Metric is ever held. Label values are copied from the rendered text of a series'
// page, in which nearly none is escaped.
//
//   protobuf_family family;
//   family.start(values, values.families[0], {.which = format::protobuf});
//   while (!family.fill(buffer)) send(buffer.take());
//
// Threads: one; a snapshot's values do not change.

#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "core/snapshot_data.hpp"
#include "expose/chunk_buffer.hpp"
#include "expose/family_cursor.hpp"
#include "expose/protobuf_value.hpp"
#include "expose/render_options.hpp"

namespace stele::exposition {

class protobuf_family {
 public:
  /// REQUIRES: the snapshot, and the filter, outlive the last call of fill(). Throws
  /// std::bad_alloc.
  void start(core::snapshot_data const& values, core::family_data const& family,
             render_options const& options);

  /// Appends bytes until the family ends, which is true, or there is a chunk. A family without a
  /// series has none. Throws std::bad_alloc.
  bool fill(chunk_buffer& out);

 private:
  /// The labels of a series, and what they come to as LabelPairs.
  struct own_labels {
    std::string_view text;  // rendered
    bool plain;             // short, and nothing escaped
    std::size_t bytes;
  };

  void write_constants();
  /// The sizes of all Metric fields together.
  [[nodiscard]] std::size_t metrics_bytes();
  void append_head(chunk_buffer& out, std::size_t metrics) const;

  /// Of the series at hand: its Metric fields, of which a stateset has one a state.
  [[nodiscard]] std::size_t series_bytes();
  void append_series(chunk_buffer& out);
  void append_states(chunk_buffer& out, own_labels const& labels) const;

  [[nodiscard]] own_labels measure_labels() const noexcept;
  [[nodiscard]] std::size_t state_bytes(own_labels const& labels,
                                        std::string_view state) const noexcept;
  char* put_labels(char* at, own_labels const& labels) const noexcept;
  char* put_plain_labels(char* at, std::string_view text) const noexcept;

  /// The value message: write_value() makes what is not simple, and says how many bytes it has.
  [[nodiscard]] std::size_t write_value();
  char* put_value(char* at, std::size_t bytes) const noexcept;
  [[nodiscard]] double value() const noexcept;
  [[nodiscard]] std::span<core::exemplar_data const> exemplars_of_series() const noexcept;

  core::snapshot_data const* values_ = nullptr;
  core::family_data const* family_ = nullptr;
  descriptor const* about_ = nullptr;
  series_filter const* filter_ = nullptr;
  family_cursor series_;
  bool started_ = false;     // the head is there
  message_bytes constants_;  // the labels that all series have, and slack
  std::size_t constant_bytes_ = 0;
  bool simple_ = true;     // the value at hand is not in message_
  message_bytes message_;  // used again for each value
};

}  // namespace stele::exposition
