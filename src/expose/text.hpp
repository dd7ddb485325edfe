// text.hpp: the lines of a family, in text 0.0.4 and OpenMetrics 1.0, which differ in little.
//
// Sources: "Exposition formats" of the Prometheus documentation; the OpenMetrics specification 1.0.
//
// All series of a layout have the same lines but for their labels and values. What stands before
// and behind the labels is made once a layout, of which nearly every family has one; a series'
// labels lie ready in its page; so a line is three copies and a number.
//
//   text_family family;
//   family.start(values, values.families[0], {.which = format::text});
//   while (!family.fill(buffer)) send(buffer.take());
//
// Threads: one; a snapshot's values do not change.

#pragma once

#include <cstddef>

#include "core/memory.hpp"
#include "expose/chunk_buffer.hpp"
#include "expose/family_cursor.hpp"
#include "expose/line_pieces.hpp"
#include "expose/render_options.hpp"

namespace stele::exposition {

class text_family {
 public:
  /// REQUIRES: the snapshot outlives the last call of fill(). Throws std::bad_alloc.
  void start(core::snapshot_data const& values, core::family_data const& family,
             render_options const& options);

  /// Appends lines until the family ends, which is true, or there is a chunk. A family without a
  /// series has no line, its metadata too. Throws std::bad_alloc.
  bool fill(chunk_buffer& out);

 private:
  void start_layout();
  void make_lines();
  void append_metadata(chunk_buffer& out) const;
  [[nodiscard]] std::size_t bytes_max() const noexcept;
  char* append_series(char* at) noexcept;
  char* begin_line(char* at, std::size_t line) const noexcept;
  char* append_value(char* at) const noexcept;
  char* append_double(char* at, double value) const noexcept;
  char* append_histogram(char* at) noexcept;
  char* append_summary(char* at) const noexcept;
  char* append_stateset(char* at) const noexcept;
  char* append_created(char* at) const noexcept;
  void find_exemplars() noexcept;
  char* append_exemplar(char* at, std::size_t value) noexcept;

  core::snapshot_data const* values_ = nullptr;
  descriptor const* about_ = nullptr;
  descriptor const* layout_ = nullptr;  // how the series at hand are laid out
  render_options options_;
  family_cursor series_;
  bool started_ = false;  // the metadata is there
  line_pieces lines_;
  core::string label_;          // of the line at hand
  bool created_line_ = false;   // the last of the lines is `_created`
  bool has_exemplars_ = false;  // the snapshot has some, and the format shows them
  std::size_t exemplar_ = 0;    // the next of the snapshot's
};

}  // namespace stele::exposition
