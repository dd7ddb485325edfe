// family_reader.hpp: a family's series, one after the other, as the landing page looks at them. All
// that the page knows of a snapshot's arrays is here.
//
//   if (auto const* const family = find_family(values, "jobs_total"))
//     for (series_reader at(values, *family); !at.is_at_end(); at.advance()) add(at.series());
//
// Threads: one at a time; a snapshot does not change.

#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "core/snapshot_data.hpp"

namespace stele::serving {

struct series_view {
  std::string_view labels;      // `code="200",path="/"`, rendered
  number::kind kind;            // of the value of a counter or a gauge
  std::uint64_t const* values;  // as snapshot_data.hpp says for the row's type
};

/// Null where no code of the program feeds the row.
inline core::family_data const* find_family(core::snapshot_data const& values,
                                            std::string_view name) noexcept {
  auto const found = std::ranges::lower_bound(
      values.families, name, {}, [](core::family_data const& each) { return each.about->name; });
  return found != values.families.end() && found->about->name == name ? &*found : nullptr;
}

/// The labels that each series of the family has before its own, rendered.
inline std::string_view constant_labels_of(core::family_data const& family) noexcept {
  if (family.constant_labels == nullptr) return {};
  return family.constant_labels->rendered;
}

/// The series of a family, one after the other. May be left and gone on with later.
class series_reader {
 public:
  /// One that is at its end.
  series_reader() noexcept = default;
  /// REQUIRES: what it is given outlives it.
  series_reader(core::snapshot_data const& values, core::family_data const& family) noexcept
      : values_(&values), about_(family.about), runs_(values.runs_of(family)) {
    enter();
  }

  [[nodiscard]] bool is_at_end() const noexcept { return runs_.empty(); }

  /// The rest REQUIRES: it is not at its end.
  [[nodiscard]] series_view series() const noexcept {
    core::series_run const& run = runs_.front();
    return {run.labels.text == nullptr ? std::string_view() : run.labels[in_run_], run.kind, at_};
  }
  [[nodiscard]] std::size_t value_count() const noexcept {
    descriptor const* const own = runs_.front().about;
    return core::value_count(own == nullptr ? *about_ : *own, at_);
  }
  void advance() noexcept {
    at_ += value_count();
    if (++in_run_ < runs_.front().count) return;
    runs_ = runs_.subspan(1);
    enter();
  }

 private:
  /// To the beginning of the first run that has a series.
  void enter() noexcept {
    while (!runs_.empty() && runs_.front().count == 0) runs_ = runs_.subspan(1);
    in_run_ = 0;
    if (!runs_.empty()) at_ = values_->values.data() + runs_.front().first_value;
  }

  core::snapshot_data const* values_ = nullptr;
  descriptor const* about_ = nullptr;
  std::span<core::series_run const> runs_{};  // that at hand first
  std::uint32_t in_run_ = 0;
  std::uint64_t const* at_ = nullptr;
};

}  // namespace stele::serving
