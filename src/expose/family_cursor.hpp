// family_cursor.hpp: the series of a family, one after the other, as far as a filter wants them.
//
//   family_cursor at(values, family, filter);
//   do {
//     begin_layout(at.about());                  // nearly always one a family
//     for (; !at.is_at_end(); at.advance()) append_series(out, at.labels(), at.values());
//   } while (at.next_layout());
//
// Runs that follow each other and are laid out alike are one layout. It begins at the first that
// has a series, if there is one.
//
// Threads: one; a snapshot's values do not change.

#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "core/snapshot_data.hpp"
#include "expose/chunk_buffer.hpp"
#include "expose/series_filter.hpp"

namespace stele::exposition {

class family_cursor {
 public:
  family_cursor() noexcept = default;
  /// REQUIRES: what it is given outlives it. The filter may be null.
  family_cursor(core::snapshot_data const& values, core::family_data const& family,
                series_filter const* filter) noexcept
      : values_(&values),
        family_(family.about),
        about_(family.about),
        filter_(filter),
        run_(values.runs.data() + family.first_run),
        end_run_(values.runs.data() + family.end_run),
        end_family_(end_run_),
        one_value_(has_one_value(*family.about)) {
    if (family.constant_labels != nullptr) constants_ = family.constant_labels->rendered;
    begin_layout();
    if (is_at_end()) static_cast<void>(next_layout());
  }

  /// Of the layout.
  [[nodiscard]] bool is_at_end() const noexcept { return run_ == end_run_; }
  /// Goes on to the next one that has a series; false where there is none. REQUIRES: is_at_end().
  bool next_layout() noexcept {
    while (run_ != end_family_) {
      end_run_ = end_family_;
      begin_layout();
      if (!is_at_end()) return true;
    }
    return false;
  }
  /// How the series of this layout are laid out, and which labels they have.
  [[nodiscard]] descriptor const& about() const noexcept { return *about_; }
  /// The rest REQUIRES: it is not at its end.
  void advance() noexcept {
    step();
    settle();
  }

  /// Those of every series of the table, rendered; empty where there are none.
  [[nodiscard]] std::string_view constant_labels() const noexcept { return constants_; }
  /// Its own.
  [[nodiscard]] std::string_view labels() const noexcept { return run_->labels[in_run_]; }
  /// Copies a part of its labels, as copy_text() does. What a run ends with is copied to the byte:
  /// behind it, on the same page, the labels of a new series may be written at the same time.
  char* copy_labels(char* to, std::string_view part) const noexcept {
    if (part.data() + part.size() + core::label_texts::slack <= run_end_text_) [[likely]]
      return copy_text(to, part);
    if (!part.empty()) std::memcpy(to, part.data(), part.size());
    return to + part.size();
  }
  [[nodiscard]] std::uint64_t const* values() const noexcept {
    return values_->values.data() + at_;
  }
  /// Where its values begin in the snapshot's; exemplars refer to that.
  [[nodiscard]] std::size_t first_value() const noexcept { return at_; }
  /// Of a series of one value.
  [[nodiscard]] number::kind kind() const noexcept { return run_->kind; }
  /// Milliseconds since 1970-01-01T00:00:00Z; 0 where that is not known.
  [[nodiscard]] std::int64_t created() const noexcept {
    return run_->created == nullptr ? 0 : run_->created[in_run_];
  }

 private:
  static bool has_one_value(descriptor const& about) noexcept {
    return about.type != metric_type::histogram && about.type != metric_type::summary;
  }

  /// Of the layout that the run at hand begins, if there is one.
  void begin_layout() noexcept {
    if (run_ == end_run_) return;
    layout_ = run_->about;
    about_ = layout_ == nullptr ? family_ : layout_;
    begin_run();
    settle();
  }

  void step() noexcept {
    at_ += one_value_ ? 1 : core::value_count(*about_, values());
    ++in_run_;
  }

  /// Goes on to a series that is there and wanted.
  void settle() noexcept {
    for (; run_ != end_run_; step()) {
      if (in_run_ == run_->count && !next_run()) return;
      if (filter_ == nullptr || filter_->wants(constants_, labels())) return;
    }
  }

  /// To the next run that has a series, if there is one.
  bool next_run() noexcept {
    do {
      if (++run_ == end_run_) return false;
      if (run_->about != layout_) {
        end_run_ = run_;
        return false;
      }
    } while (run_->count == 0);
    begin_run();
    return true;
  }

  void begin_run() noexcept {
    in_run_ = 0;
    at_ = run_->first_value;
    if (run_->count != 0) run_end_text_ = run_->labels.text + run_->labels.ends[run_->count];
  }

  core::snapshot_data const* values_ = nullptr;
  descriptor const* family_ = nullptr;
  descriptor const* about_ = nullptr;   // of the layout
  descriptor const* layout_ = nullptr;  // what its runs say of it
  series_filter const* filter_ = nullptr;
  core::series_run const* run_ = nullptr;
  core::series_run const* end_run_ = nullptr;     // of the layout, as far as that is known
  core::series_run const* end_family_ = nullptr;  // of all
  char const* run_end_text_ = nullptr;            // where the labels of the run at hand end
  std::string_view constants_{};
  bool one_value_ = true;
  std::uint32_t in_run_ = 0;
  std::size_t at_ = 0;
};

}  // namespace stele::exposition
