// joins.hpp: series of a family that are shown as one, because labels are taken away in which they
// differ: sources, and the targets that show them.
//
// What counts must not fall when a source goes away or starts anew: to Prometheus that would be a
// reset, and add all the others' counts once more to a rate. So a target keeps what such sources
// had counted, until its last source is gone. A source that ends stays for a while, unseen: one
// that comes back goes on. After that it is a new one.
//
//   std::uint32_t const target = all.target_of(layout, labels);      // throws std::bad_alloc
//   cell const source = layout.sources.add(owner, {}, 0, target);
//   all.add_source(target);
//   all.update(layout, source, values);
//
// Threads: as series_page.hpp says.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "agents/cardinality.hpp"
#include "agents/live_parts.hpp"
#include "agents/pushed_layout.hpp"
#include "core/native_counts.hpp"
#include "core/snapshot_data.hpp"

namespace stele::pushing {

/// What a pass works with. Its memory is kept.
struct join_tools {
  struct state {
    bool live;
    std::int64_t last_update;
  };
  list<std::uint64_t> values;
  list<state> states;
  list<core::native_counts> natives;
  list<double> zero_thresholds;
};

class joins {
 public:
  struct target_state {
    pushed_layout* of;  // null: not in use
    cell place;         // its values are what ended sources had
    std::uint32_t sources;
    double shown = 0;  // the sum, at the last scrape
  };

  joins(metric_type type, std::optional<join_function> function) noexcept
      : type_(type), function_(function) {}

  [[nodiscard]] std::optional<join_function> function() const noexcept { return function_; }
  [[nodiscard]] target_state const& operator[](std::uint32_t at) const noexcept {
    return targets_[at];
  }
  /// All targets are below.
  [[nodiscard]] std::size_t size() const noexcept { return targets_.size(); }

  /// Calls visit(target) for each with these labels; those of several layouts may be there.
  template <class Visit>
  void for_each_with(std::string_view labels, Visit visit) const {
    auto const [begin, end] = by_labels_.equal_range(labels);
    for (auto at = begin; at != end; ++at) visit(at->second);
  }

  /// The target of a layout's series with these labels, made without a source where there is none.
  /// Throws std::bad_alloc.
  std::uint32_t target_of(pushed_layout& layout, std::string_view labels);
  /// Takes those out that have no source.
  void drop_unused() noexcept;

  void add_source(std::uint32_t target) noexcept { ++targets_[target].sources; }
  /// Of one that is taken out next. A target without a source goes.
  void end_source(pushed_layout& layout, cell const& source) noexcept;
  /// Before the source's values are replaced by these: keeps what it had where it started anew.
  void keep_if_reset(pushed_layout& layout, cell const& source,
                     std::span<std::uint64_t const> values) noexcept;
  /// Whether a value says that a counter started anew.
  [[nodiscard]] bool counts() const noexcept {
    return (type_ == metric_type::counter || type_ == metric_type::histogram) &&
           function_.value_or(join_function::sum) == join_function::sum;
  }

  void moved(std::uint32_t target, cell const& to) noexcept { targets_[target].place = to; }

  /// Adds the sources up into the snapshot: runs of the layouts' targets. Throws std::bad_alloc.
  void read(list<owned<pushed_layout>> const& layouts, live_parts const& live, join_tools& tools,
            core::snapshot_data& out);
  /// A target's sum as it is shown. A sum of doubles depends in its last bits on their order: what
  /// is lower by no more is not lower.
  double shown_sum(std::uint32_t target, double sum) noexcept;

 private:
  void drop(std::uint32_t at) noexcept;
  /// Adds a source's values to what its target keeps.
  void keep(pushed_layout& layout, cell const& source) noexcept;

  metric_type const type_;
  std::optional<join_function> const function_;
  list<target_state> targets_;
  list<std::uint32_t> free_;  // has room for all
  std::unordered_multimap<text, std::uint32_t, text_hash, std::equal_to<>,
                          core::allocator<std::pair<text const, std::uint32_t>, pushed_memory>>
      by_labels_;
};

}  // namespace stele::pushing
