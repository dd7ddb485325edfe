// pushed_layout.hpp: the descriptors of pushed families, which snapshots keep, and the series of a
// family that are laid out alike.
//
//   auto const about = make_kept<family_about>("coderd_workspace_jobs", metric_type::gauge, help);
//   pushed_layout layout(about, of, ",user_id,workspace_id", false, false);
//   layout.series.reserve(…);
//
// Threads: descriptors are constants; the rest as page_list.hpp says.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "agents/page_list.hpp"
#include "agents/shape.hpp"
#include "stele/descriptor.hpp"

namespace stele::pushing {

/// What a family is, as the snapshot's families have it: without labels, which are its runs'.
class family_about {
 public:
  /// Throws std::bad_alloc.
  family_about(std::string_view name, metric_type type, std::string_view help);
  family_about(family_about const&) = delete;
  family_about& operator=(family_about const&) = delete;

  [[nodiscard]] descriptor const& shown() const noexcept { return shown_[0]; }
  /// The same of a counter whose name without `_total` is another family's.
  [[nodiscard]] descriptor const& shown_unknown() const noexcept { return shown_[1]; }

 private:
  text const name_;
  text const help_;
  std::array<descriptor, 2> shown_;
};

/// How the series of a run are laid out.
class layout_about {
 public:
  /// `label_names` each behind a comma. Throws std::bad_alloc.
  layout_about(std::shared_ptr<family_about const> family, layout const& of,
               std::string_view label_names);
  layout_about(layout_about const&) = delete;
  layout_about& operator=(layout_about const&) = delete;

  [[nodiscard]] descriptor const& shown() const noexcept { return shown_; }
  [[nodiscard]] bool is(layout const& of, std::string_view label_names) const noexcept;
  [[nodiscard]] bool has_numbers_of(layout const& of) const noexcept;

 private:
  std::shared_ptr<family_about const> const family_;
  text const label_names_;
  list<label_descriptor> labels_;
  list<double> const bounds_;
  list<double> const quantiles_;
  descriptor shown_;
};

/// Of what tells the layouts of a family apart.
std::size_t hash_of(layout const& of, std::string_view label_names, bool dated) noexcept;

/// How many values a series has that begins at `values`.
std::size_t values_of(metric_type type, layout const& of, std::uint64_t const* values) noexcept;

/// Copies them; what is NaN becomes the quiet one, so that none is taken for a marker of staleness.
void copy_values(metric_type type, layout const& of, std::span<std::uint64_t const> from,
                 std::uint64_t* to) noexcept;

/// The bits of a double, or of the quiet NaN.
std::uint64_t without_payload(std::uint64_t bits) noexcept;

struct pushed_layout {
  /// Throws std::bad_alloc.
  pushed_layout(std::shared_ptr<family_about const> family, layout const& of,
                std::string_view label_names, bool is_dated, bool joins);

  /// Of a series, before native buckets.
  [[nodiscard]] std::size_t plain_values() const noexcept;

  std::shared_ptr<layout_about const> const shown;
  std::size_t const hash;
  bool const dated;
  page_list series;   // where series are joined: targets, whose values are what ended sources had
  page_list sources;  // of them
};

}  // namespace stele::pushing
