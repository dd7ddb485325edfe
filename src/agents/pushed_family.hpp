// pushed_family.hpp: the series that all agents push under one name.
//
//   pushed_family family("coderd_workspace_jobs", metric_type::gauge, "Jobs.", settings);
//   pushed_layout& layout = family.layout_of(of, ",user_id,workspace_id", dated);
//   std::lock_guard const lock(family.mutex);
//   cell const made = layout.series.add(…);
//   family.read(live, tools, snapshot);                   // takes the mutex
//
// Threads: one changes it, under the mutex; it may read what it changes without. read() on any.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>

#include "agents/joins.hpp"
#include "agents/live_parts.hpp"
#include "agents/pushed_layout.hpp"
#include "core/snapshot_data.hpp"

namespace stele::pushing {

class pushed_family {
 public:
  /// `joined`: where labels are taken away. Throws std::bad_alloc.
  pushed_family(std::string_view name, metric_type type, std::string_view help,
                owned<joins> joined);

  [[nodiscard]] descriptor const& about() const noexcept { return about_->shown(); }
  [[nodiscard]] std::string_view name() const noexcept { return about().name; }
  [[nodiscard]] metric_type type() const noexcept { return about().type; }
  /// Null where series are shown as they were pushed.
  [[nodiscard]] joins* joined() const noexcept { return joined_.get(); }

  /// Made where there is none. Takes the mutex then. Throws std::bad_alloc.
  pushed_layout& layout_of(layout const& of, std::string_view label_names, bool dated);
  [[nodiscard]] list<owned<pushed_layout>> const& layouts() const noexcept { return layouts_; }

  /// Calls visit(page, at) for every series that a part has.
  template <class Visit>
  void for_each(Visit visit) const {
    for (auto const& each : layouts_)
      for (owned_page const& page : pushed(*each).pages())
        for (std::uint32_t at = 0; at < page->size(); ++at)
          if (page->parts()[at] != series_page::hole) visit(*page, at);
  }
  /// Whether there is a series of which is(part) is true.
  template <class Is>
  [[nodiscard]] bool any_of(Is is) const {
    for (auto const& each : layouts_)
      for (owned_page const& page : pushed(*each).pages())
        for (std::uint32_t at = 0; at < page->size(); ++at)
          if (std::uint32_t const part = page->parts()[at]; part != series_page::hole && is(part))
            return true;
    return false;
  }

  // ---- Under the mutex --------------------------------------------------------------------------

  /// The pages of those that were pushed, not of what they are joined to.
  [[nodiscard]] page_list& pushed(pushed_layout& layout) const noexcept {
    return joined_ == nullptr ? layout.series : layout.sources;
  }
  void take_out(cell const& of) noexcept;
  /// Takes back memory: moved(page, at) for each series that stands elsewhere then.
  template <class Moved>
  void close_ranks(Moved moved) noexcept {
    has_holes_ = false;
    for (auto const& each : layouts_) {
      pushed(*each).close_ranks(moved);
      if (joined_ == nullptr) continue;
      each->series.close_ranks([this](series_page& page, std::uint32_t at) {
        joined_->moved(page.indexes()[at], {&page, at});
      });
    }
    drop_empty_layouts();
  }
  /// Those without a series.
  void drop_empty_layouts() noexcept;

  // ---- Any thread -------------------------------------------------------------------------------

  /// Appends it to the snapshot, if it has a live series. Throws std::bad_alloc.
  void read(live_parts const& live, join_tools& tools, core::snapshot_data& out);
  /// How many of its joined series are live. Throws std::bad_alloc.
  [[nodiscard]] std::size_t count_joined(live_parts const& live);
  /// As the family of a snapshot shows it where its name without `_total` is another family's.
  [[nodiscard]] descriptor const& about_unknown() const noexcept { return about_->shown_unknown(); }

  /// Since close_ranks(). Of who changes it.
  [[nodiscard]] bool has_holes() const noexcept { return has_holes_; }

  std::mutex mutex;

 private:
  void forget(pushed_layout& layout) noexcept;
  static void read_layout(pushed_layout& layout, live_parts const& live, core::snapshot_data& out);

  std::shared_ptr<family_about const> const about_;
  owned<joins> const joined_;
  bool has_holes_ = false;
  list<owned<pushed_layout>> layouts_;
  std::unordered_multimap<
      std::size_t, pushed_layout*, std::hash<std::size_t>, std::equal_to<>,
      core::allocator<std::pair<std::size_t const, pushed_layout*>, pushed_memory>>
      by_hash_;
};

}  // namespace stele::pushing
